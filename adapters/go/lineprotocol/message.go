package lineprotocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// AESCTR is the content cipher of client-side encryption in counter mode.
const AESCTR = "AES/CTR/NoPadding"

// Features that a subject can declare.
const (
	Plans       = "plans"
	Ranges      = "ranges"
	Resumes     = "resumes"
	Announces   = "announces"
	Sources     = "sources"
	Describes   = "describes"
	Metadata    = "metadata"
	Streams     = "streams"
	Reuses      = "reuses"
	Pieces      = "pieces"
	SeveralKeys = "several-keys"
	Pipelining  = "pipelining"
)

// ErrUnsupported is what a subject returns for what it does not have.
var ErrUnsupported = errors.New("unsupported")

// Refusal is an error that is a clean "no", by the service or by the client.
type Refusal struct {
	Err  error
	Code string
	EC   string
}

func (r *Refusal) Error() string { return r.Err.Error() }

func (r *Refusal) Unwrap() error { return r.Err }

// Description is the answer to describe.
type Description struct {
	Protocol   int      `json:"protocol"`
	Name       string   `json:"name"`
	Version    string   `json:"version"`
	Language   string   `json:"language"`
	Ops        []string `json:"ops"`
	Ciphers    []string `json:"ciphers"`
	Signatures []string `json:"signatures"`
	Features   []string `json:"features"`
}

// Key is an RSA key pair in PEM, and what names it to a client.
type Key struct {
	Public      string            `json:"public"`
	Private     string            `json:"private"`
	Description map[string]string `json:"description"`
}

// MasterKey is the key that a client wraps with, and others that it knows.
type MasterKey struct {
	Key
	Others []Key `json:"others"`
}

// Service says where the object is, and who asks for it.
type Service struct {
	Endpoint        string    `json:"endpoint"`
	Region          string    `json:"region"`
	Bucket          string    `json:"bucket"`
	Object          string    `json:"object"`
	AccessKeyID     string    `json:"access_key_id"`
	AccessKeySecret string    `json:"access_key_secret"`
	Signature       string    `json:"signature"`
	MasterKey       MasterKey `json:"master_key"`
	// Client is the number of the client that serves the request; without one it has a client of its own.
	Client *uint64 `json:"client"`
}

// Upload holds the arguments of an upload.
type Upload struct {
	Service
	File     string  `json:"file"`
	PartSize *int64  `json:"part_size"`
	Options  Options `json:"options"`
}

// Options are those of an upload.
type Options struct {
	Cipher     string  `json:"cipher"`
	Parallel   int     `json:"parallel"`
	Checkpoint *string `json:"checkpoint"`
	Announced  *int64  `json:"announced"`
	Position   int64   `json:"position"`
	// User metadata, without what names begin with on the wire.
	Metadata    map[string]string `json:"metadata"`
	ContentType *string           `json:"content_type"`
	ContentMD5  *string           `json:"content_md5"`
	Stream      bool              `json:"stream"`
}

// Uploaded is the answer to an upload.
type Uploaded struct {
	ETag *string `json:"etag"`
}

// Download holds the arguments of a download.
type Download struct {
	Service
	File  string `json:"file"`
	Range *Range `json:"range"`
	// Pieces says how what is read is taken; without it, as the client likes.
	Pieces *PieceSizes `json:"pieces"`
}

// PieceSizes says how a caller takes what it reads.
type PieceSizes struct {
	Sizes []int `json:"sizes"`
	// First so many bytes; then all of it, again from the beginning.
	First *int64 `json:"first"`
}

// Range is a range of bytes as in HTTP.
type Range struct {
	First *int64 `json:"first"`
	Last  *int64 `json:"last"`
}

// String spells it as a Range header does behind "bytes=".
func (r Range) String() string {
	var first, last string
	if r.First != nil {
		first = fmt.Sprint(*r.First)
	}
	if r.Last != nil {
		last = fmt.Sprint(*r.Last)
	}
	return first + "-" + last
}

// Downloaded is the answer to a download.
type Downloaded struct {
	Length int64 `json:"length"`
}

// has tells whether all that an upload asks for is declared.
func (d *Description) has(u *Upload) bool {
	feature := func(name string, asked bool) bool { return !asked || slices.Contains(d.Features, name) }
	return slices.Contains(d.Ciphers, u.Options.Cipher) &&
		slices.Contains(d.Signatures, u.Signature) &&
		feature(Plans, u.PartSize == nil) &&
		feature(Resumes, u.Options.Checkpoint != nil) &&
		feature(Streams, u.Options.Stream) &&
		u.Options.ContentMD5 == nil &&
		feature(Announces, u.Options.Announced != nil)
}

// reads tells whether all that a download asks for is declared.
func (d *Description) reads(r *Download) bool {
	return slices.Contains(d.Signatures, r.Signature) && (r.Range == nil || slices.Contains(d.Features, Ranges))
}

// answer is one line of output.
type answer struct {
	ID          json.Number `json:"id"`
	OK          any         `json:"ok,omitempty"`
	Err         *failure    `json:"err,omitempty"`
	Unsupported bool        `json:"unsupported,omitempty"`
}

type failure struct {
	Kind    string  `json:"kind"`
	Message string  `json:"message"`
	Code    *string `json:"code,omitempty"`
	EC      *string `json:"ec,omitempty"`
}

func answerTo(id json.Number, ok any, err error) answer {
	var refusal *Refusal
	switch {
	case err == nil:
		return answer{ID: id, OK: ok}
	case errors.Is(err, ErrUnsupported):
		return answer{ID: id, Unsupported: true}
	case errors.As(err, &refusal):
		told := func(text string) *string {
			if text == "" {
				return nil
			}
			return &text
		}
		return answer{ID: id, Err: &failure{"refused", err.Error(), told(refusal.Code), told(refusal.EC)}}
	default:
		return answer{ID: id, Err: &failure{Kind: "failed", Message: err.Error()}}
	}
}
