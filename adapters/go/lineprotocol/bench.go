package lineprotocol

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"syscall"
	"time"
)

// Timed is a client some of whose pieces can be timed: the operation bench.
type Timed interface {
	// Prepare unpacks a piece and returns what is to be timed, or ErrUnsupported. What that returns is what came out.
	Prepare(Piece) (func() ([]byte, error), error)
}

// Piece is the request of a piece, its data as long as it is to be.
type Piece struct {
	Op         string `json:"op"`
	Cipher     string `json:"cipher"`
	Key        []byte `json:"key"`
	Start      []byte `json:"start"`
	PartSize   int64  `json:"part_size"`
	Number     int64  `json:"number"`
	Plaintext  []byte `json:"plaintext"`
	Offset     int64  `json:"offset"`
	Ciphertext []byte `json:"ciphertext"`
}

// Place is where in the object the data of an encryption or a decryption begins.
func (p Piece) Place() int64 {
	if p.Op == "encrypt_part" {
		return (p.Number - 1) * p.PartSize
	}
	return p.Offset
}

// Data is what is encrypted or decrypted.
func (p Piece) Data() []byte {
	if p.Op == "encrypt_part" {
		return p.Plaintext
	}
	return p.Ciphertext
}

// Unwrapped is a master key that leaves content keys as they are: what is timed is the content cipher.
type Unwrapped struct{}

func (Unwrapped) Encrypt(key []byte) ([]byte, error) { return key, nil }
func (Unwrapped) Decrypt(key []byte) ([]byte, error) { return key, nil }
func (Unwrapped) GetWrapAlgorithm() string           { return "" }
func (Unwrapped) GetMatDesc() string                 { return "" }

// Benched is the answer to bench.
type Benched struct {
	Iterations     uint64 `json:"iterations"`
	Nanoseconds    int64  `json:"nanoseconds"`
	CPUNanoseconds int64  `json:"cpu_nanoseconds"`
	Digest         string `json:"digest"`
}

func bench(line []byte, client Timed) (*Benched, error) {
	var asked struct {
		Of     Piece `json:"of"`
		Repeat int   `json:"repeat"`
		Least  int64 `json:"least_nanoseconds"`
	}
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	asked.Of.Plaintext = repeated(asked.Of.Plaintext, asked.Repeat)
	asked.Of.Ciphertext = repeated(asked.Of.Ciphertext, asked.Repeat)
	work, err := client.Prepare(asked.Of)
	if err != nil {
		return nil, err
	}
	var benched Benched
	began, computing := time.Now(), computed()
	for {
		made, err := work()
		if err != nil {
			return nil, err
		}
		benched.Iterations++
		benched.Nanoseconds = time.Since(began).Nanoseconds()
		if benched.Nanoseconds >= asked.Least {
			benched.CPUNanoseconds = computed() - computing
			digest := sha256.Sum256(made)
			benched.Digest = hex.EncodeToString(digest[:])
			return &benched, nil
		}
	}
}

func repeated(data []byte, times int) []byte {
	all := make([]byte, 0, len(data)*times)
	for range times {
		all = append(all, data...)
	}
	return all
}

// computed is how long this process has computed, in nanoseconds.
func computed() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}
