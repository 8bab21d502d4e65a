// Holds AES-CTR to aes_ctr.json: the smallest loader that refuses what it does not know.
package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/big"
	"os"
)

type value struct { // Hex, or Seed and Length, or, of what is too long to stand in a file, Length and the rest
	Hex, Sha256, First, Last string
	Seed, Length             uint64
}

type test struct { // the fields of all three groups
	TcID                                      int
	Comment, Result, Key, Start, CounterBlock string
	Flags                                     []string
	BlockIndex, PartSize, Number, Offset      uint64
	Plaintext, Ciphertext                     value
}

type file struct {
	Schema, Generator, Algorithm string
	Version, NumberOfTests       int
	Header                       []string
	Notes                        map[string]struct {
		Description, Effect string
		Ec                  []string
	}
	TestGroups []struct {
		Type  string
		Tests []test
	}
}

func must[T any](result T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return result
}

func unhex(text string) []byte { return must(hex.DecodeString(text)) }

// bytesAt is a plaintext in full, or the stream of a seed from an offset that is a multiple of 8.
func (v value) bytesAt(offset uint64) []byte {
	if v.Seed == 0 {
		return append(unhex(v.Hex), make([]byte, v.Length)...)
	}
	var stream []byte
	for i := offset / 8; uint64(len(stream)) < v.Length; i++ {
		w := i ^ v.Seed<<32
		w = (w ^ w>>30) * 0xbf58476d1ce4e5b9
		w = (w ^ w>>27) * 0x94d049bb133111eb
		stream = binary.LittleEndian.AppendUint64(stream, w^w>>31)
	}
	return stream[:v.Length]
}

// counterBlock counts in 128 bits that wrap: every shorter counter makes other bytes, and nothing in the object shows it.
func counterBlock(start []byte, index uint64) []byte {
	sum := new(big.Int).Add(new(big.Int).SetBytes(start), new(big.Int).SetUint64(index))
	return sum.FillBytes(make([]byte, 17))[1:]
}

// ctr encrypts or decrypts the bytes of an object from an offset on.
func ctr(key, start []byte, offset uint64, data []byte) []byte {
	out := append(make([]byte, offset%16), data...)
	cipher.NewCTR(must(aes.NewCipher(key)), counterBlock(start, offset/16)).XORKeyStream(out, out)
	return out[offset%16:]
}

func encryptPart(key, start []byte, size, number uint64, plaintext value) ([]byte, error) {
	if len(key) != 32 || len(start) != 16 || size == 0 || size%16 != 0 || number < 1 || number > 10_000 {
		return nil, errors.New("key, start, part size or part number")
	}
	data := plaintext.bytesAt((number - 1) * size)
	if uint64(len(data)) > size {
		return nil, errors.New("more than a part")
	}
	return ctr(key, start, (number-1)*size, data), nil
}

func passes(group string, t test) bool {
	var answer, expected value
	var err error
	switch start := unhex(t.Start); group {
	case "CounterBlockTest":
		answer.Hex, expected.Hex = hex.EncodeToString(counterBlock(start, t.BlockIndex)), t.CounterBlock
	case "CtrRangeTest":
		answer.Hex, expected = hex.EncodeToString(ctr(unhex(t.Key), start, t.Offset, unhex(t.Ciphertext.Hex))), t.Plaintext
	case "CtrPartTest":
		var sent []byte
		sent, err = encryptPart(unhex(t.Key), start, t.PartSize, t.Number, t.Plaintext)
		answer.Hex, expected = hex.EncodeToString(sent), t.Ciphertext
		if end := len(answer.Hex) - 32; len(sent) > 256 {
			sum := fmt.Sprintf("%x", sha256.Sum256(sent))
			answer = value{Length: uint64(len(sent)), Sha256: sum, First: answer.Hex[:32], Last: answer.Hex[end:]}
		}
	default:
		log.Fatalf("unknown group %q", group)
	}
	return err == nil && t.Result == "valid" && answer == expected || err != nil && t.Result == "invalid"
}

func main() {
	path := "../../../crates/vectors/data/aes_ctr.json"
	if len(os.Args) > 1 {
		path = os.Args[1]
	}
	var f file
	decoder := json.NewDecoder(must(os.Open(path)))
	decoder.DisallowUnknownFields() // a vector that is read in part is not read
	if err := decoder.Decode(&f); err != nil || f.Schema != "schema-v1.json" || f.Version != 1 {
		log.Fatal("not a file of version 1: ", err)
	}
	number, failed := 0, 0
	for _, group := range f.TestGroups {
		for _, t := range group.Tests {
			if number++; t.TcID != number {
				log.Fatalf("case %d is number %d", t.TcID, number)
			}
			for _, flag := range t.Flags {
				if f.Notes[flag].Description == "" {
					log.Fatalf("case %d has an unknown flag %q", number, flag)
				}
			}
			if !passes(group.Type, t) {
				failed++
				fmt.Printf("aes_ctr.json %d %s: failed\n", t.TcID, t.Comment)
			}
		}
	}
	if number != f.NumberOfTests {
		log.Fatal("cases are missing")
	}
	fmt.Printf("%d passed, %d failed\n", number-failed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}
