// Package lineprotocol is the Go side of Partproof's line protocol: one JSON object a line, in on standard input and out on
// standard output.
package lineprotocol

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"
)

// maxLine is how many bytes a line has at most, without its line feed.
const maxLine = 16 << 20

// Client is an SDK behind the protocol. It is asked by several goroutines at a time.
type Client interface {
	Upload(Upload) (Uploaded, error)
	Download(Download) (Downloaded, error)
}

// Describe fills in what is the same for every SDK in Go, and the version that this program was built with.
func Describe(module, suffix string, signatures, features []string) Description {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range info.Deps {
			if dependency.Path == module {
				version = dependency.Version
			}
		}
	}
	return Description{
		Protocol:   1,
		Name:       module + suffix,
		Version:    version,
		Language:   "Go",
		Ops:        []string{"upload", "download"},
		Ciphers:    []string{AESCTR},
		Signatures: signatures,
		Features:   append(features, Pipelining),
	}
}

// Main serves standard input until it ends.
func Main(description Description, client Client) {
	if _, ok := client.(Timed); ok {
		description.Ops = append(description.Ops, "bench")
	}
	// What an SDK prints must not get between the answers.
	out := os.Stdout
	os.Stdout = os.Stderr
	if err := Serve(os.Stdin, out, description, client); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Serve answers each request in a goroutine of its own, and returns when the last one is answered.
func Serve(in io.Reader, out io.Writer, description Description, client Client) error {
	var (
		running sync.WaitGroup
		writing sync.Mutex
	)
	defer running.Wait()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine+1)
	for lines.Scan() {
		var request struct {
			ID json.Number `json:"id"`
			Op string      `json:"op"`
		}
		// The scanner takes its buffer back.
		line := append([]byte(nil), lines.Bytes()...)
		if err := json.Unmarshal(line, &request); err != nil {
			return fmt.Errorf("not a request: %w", err)
		}
		running.Add(1)
		go func() {
			defer running.Done()
			ok, err := handle(request.Op, line, &description, client)
			bytes, err := json.Marshal(answerTo(request.ID, ok, err))
			if err != nil {
				panic(err) // Nothing in an answer cannot be marshalled.
			}
			writing.Lock()
			defer writing.Unlock()
			if _, err := out.Write(append(bytes, '\n')); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
	}
	return lines.Err()
}

func handle(op string, line []byte, description *Description, client Client) (ok any, err error) {
	defer recovered(&err)
	switch op {
	case "describe":
		return description, nil
	case "upload":
		var upload Upload
		if err := json.Unmarshal(line, &upload); err != nil {
			return nil, err
		}
		if !description.has(&upload) {
			return nil, ErrUnsupported
		}
		return client.Upload(upload)
	case "download":
		var download Download
		if err := json.Unmarshal(line, &download); err != nil {
			return nil, err
		}
		if !description.reads(&download) {
			return nil, ErrUnsupported
		}
		return client.Download(download)
	case "bench":
		timed, ok := client.(Timed)
		if !ok {
			return nil, ErrUnsupported
		}
		return bench(line, timed)
	default:
		return nil, ErrUnsupported
	}
}

// recovered makes a panic the error of the function that defers it. Where it happened goes to standard error.
func recovered(err *error) {
	if cause := recover(); cause != nil {
		fmt.Fprintf(os.Stderr, "panic: %v\n%s", cause, debug.Stack())
		*err = fmt.Errorf("panic: %v", cause)
	}
}

// Parallel calls work with 0 to count - 1, at most limit calls at a time, and begins no more once one has failed. It returns the
// first error when all that began have ended.
func Parallel(limit, count int, work func(index int) error) error {
	var (
		working sync.WaitGroup
		mutex   sync.Mutex
		next    int
		failed  error
	)
	take := func() (int, bool) {
		mutex.Lock()
		defer mutex.Unlock()
		if failed != nil || next == count {
			return 0, false
		}
		next++
		return next - 1, true
	}
	for range min(max(limit, 1), count) {
		working.Add(1)
		go func() {
			defer working.Done()
			for {
				index, more := take()
				if !more {
					return
				}
				if err := safely(work, index); err != nil {
					mutex.Lock()
					if failed == nil {
						failed = err
					}
					mutex.Unlock()
				}
			}
		}()
	}
	working.Wait()
	return failed
}

func safely(work func(int) error, index int) (err error) {
	defer recovered(&err)
	return work(index)
}

// mostKept is how many clients are kept for further requests.
const mostKept = 16

var (
	keeping sync.Mutex
	kept    = map[uint64]any{}
	inTurn  []uint64
)

// ClientOf gives the client that serves all requests of the service's number, or makes one.
func ClientOf[C any](service Service, make func(Service) (C, error)) (C, error) {
	if service.Client == nil {
		return make(service)
	}
	keeping.Lock()
	defer keeping.Unlock()
	if known, ok := kept[*service.Client].(C); ok {
		return known, nil
	}
	client, err := make(service)
	if err != nil {
		return client, err
	}
	if len(inTurn) == mostKept {
		delete(kept, inTurn[0])
		inTurn = inTurn[1:]
	}
	kept[*service.Client] = client
	inTurn = append(inTurn, *service.Client)
	return client, nil
}

// Take reads what open gives and writes it into the file: as it comes, or in the pieces that are asked for.
func Take(download Download, open func() (io.ReadCloser, error)) (int64, error) {
	pieces := download.Pieces
	if pieces != nil && pieces.First != nil {
		begun, err := open()
		if err != nil {
			return 0, err
		}
		_, err = io.CopyN(io.Discard, begun, *pieces.First)
		begun.Close()
		if err != nil && err != io.EOF {
			return 0, err
		}
	}
	body, err := open()
	if err != nil {
		return 0, err
	}
	defer body.Close()
	if pieces == nil {
		return WriteFile(download.File, body)
	}
	return WriteFile(download.File, &inPieces{body, pieces.Sizes})
}

// inPieces reads in pieces of these sizes, over and over, whatever it is asked for.
type inPieces struct {
	from  io.Reader
	sizes []int
}

func (p *inPieces) Read(buffer []byte) (int, error) {
	size := min(p.sizes[0], len(buffer))
	p.sizes = append(p.sizes[1:len(p.sizes):len(p.sizes)], p.sizes[0])
	return p.from.Read(buffer[:size])
}

// WriteFile copies what is read into a file, and returns how many bytes it holds then.
func WriteFile(path string, from io.Reader) (length int64, err error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	length, err = io.Copy(file, from)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return length, err
}

// LeftOpen is a failed upload that could not be aborted: who pays for its parts has to know which it is.
func LeftOpen(err error, uploadID string) error {
	return fmt.Errorf("%w; the upload %s could not be aborted and stays open", err, uploadID)
}
