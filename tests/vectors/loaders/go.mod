module partproof/loaders

go 1.21
