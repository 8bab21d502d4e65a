// Command ossv1 puts version 1 of the OSS SDK for Go behind Partproof's line protocol: the multipart calls of its crypto bucket.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"time"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
	osscrypto "github.com/aliyun/aliyun-oss-go-sdk/oss/crypto"

	"partproof-adapters/lineprotocol"
)

// The SDK sends a request again for no reason of its own (Config.RetryTimes is read nowhere), so there are no pauses to shorten.
func main() {
	if len(os.Args) > 1 {
		fmt.Fprintf(os.Stderr, "unknown argument %q\n", os.Args[1])
		os.Exit(2)
	}
	description := lineprotocol.Describe(
		"github.com/aliyun/aliyun-oss-go-sdk", "", []string{"v1", "v4"}, []string{
			lineprotocol.Ranges, lineprotocol.Describes, lineprotocol.Metadata, lineprotocol.Reuses,
			lineprotocol.Pieces, lineprotocol.SeveralKeys,
		})
	lineprotocol.Main(description, client{})
}

type client struct{}

func (client) Upload(upload lineprotocol.Upload) (lineprotocol.Uploaded, error) {
	etag, err := put(upload)
	return lineprotocol.Uploaded{ETag: etag}, told(err)
}

func put(upload lineprotocol.Upload) (*string, error) {
	bucket, err := lineprotocol.ClientOf(upload.Service, bucketOf)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(upload.File)
	if err != nil {
		return nil, err
	}
	chunks, err := oss.SplitFileByPartSize(upload.File, *upload.PartSize)
	if err != nil {
		return nil, err
	}
	context := osscrypto.PartCryptoContext{DataSize: info.Size(), PartSize: *upload.PartSize}
	initiated, err := bucket.InitiateMultipartUpload(upload.Object, &context, passed(upload.Options)...)
	if err != nil {
		return nil, err
	}
	completed, err := send(bucket, upload, initiated, chunks, context)
	if err != nil {
		if abortErr := bucket.AbortMultipartUpload(initiated); abortErr != nil {
			err = lineprotocol.LeftOpen(err, initiated.UploadID)
		}
		return nil, err
	}
	return &completed.ETag, nil
}

// send uploads the parts and completes the upload. The SDK clones the cipher for each part, "for parallel upload part".
func send(
	bucket *osscrypto.CryptoBucket,
	upload lineprotocol.Upload,
	initiated oss.InitiateMultipartUploadResult,
	chunks []oss.FileChunk,
	context osscrypto.PartCryptoContext,
) (completed oss.CompleteMultipartUploadResult, err error) {
	parts := make([]oss.UploadPart, len(chunks))
	err = lineprotocol.Parallel(upload.Options.Parallel, len(chunks), func(i int) (err error) {
		chunk := chunks[i]
		parts[i], err = bucket.UploadPartFromFile(
			initiated, upload.File, chunk.Offset, chunk.Size, chunk.Number, context)
		return err
	})
	if err != nil {
		return completed, err
	}
	return bucket.CompleteMultipartUpload(initiated, parts)
}

func (client) Download(download lineprotocol.Download) (lineprotocol.Downloaded, error) {
	length, err := get(download)
	return lineprotocol.Downloaded{Length: length}, told(err)
}

func get(download lineprotocol.Download) (int64, error) {
	bucket, err := lineprotocol.ClientOf(download.Service, bucketOf)
	if err != nil {
		return 0, err
	}
	var options []oss.Option
	switch asked := download.Range; {
	case asked == nil:
	case asked.First != nil && asked.Last != nil:
		options = append(options, oss.Range(*asked.First, *asked.Last))
	default:
		options = append(options, oss.NormalizedRange(asked.String()))
	}
	return lineprotocol.Take(download, func() (io.ReadCloser, error) {
		return bucket.GetObject(download.Object, options...)
	})
}

// passed is what the caller passes with an upload.
func passed(asked lineprotocol.Options) (options []oss.Option) {
	for name, value := range asked.Metadata {
		options = append(options, oss.Meta(name, value))
	}
	if asked.ContentType != nil {
		options = append(options, oss.ContentType(*asked.ContentType))
	}
	return options
}

// bucketOf makes a client. The master key is read as it is given: PKCS#8 and X.509 in PEM.
func bucketOf(service lineprotocol.Service) (*osscrypto.CryptoBucket, error) {
	version := oss.AuthV1
	if service.Signature == "v4" {
		version = oss.AuthV4
	}
	// An endpoint that is an IP address has the SDK use path style.
	client, err := oss.New(service.Endpoint, service.AccessKeyID, service.AccessKeySecret,
		oss.AuthVersion(version), oss.Region(service.Region), leaveSoon)
	if err != nil {
		return nil, err
	}
	key := service.MasterKey
	master, err := osscrypto.CreateMasterRsa(key.Description, key.Public, key.Private)
	if err != nil {
		return nil, err
	}
	return osscrypto.GetCryptoBucket(client, service.Bucket, osscrypto.CreateAesCtrCipher(master),
		osscrypto.SetMasterCipherManager(keys(key.Others)))
}

// keys are those that an object may name by their description.
type keys []lineprotocol.Key

func (others keys) GetMasterKey(description map[string]string) ([]string, error) {
	for _, key := range others {
		if maps.Equal(key.Description, description) {
			return []string{key.Public, key.Private}, nil
		}
	}
	return nil, fmt.Errorf("no master key is described by %v", description)
}

// leaveSoon has the connections of a client that is done with closed soon, and not after 50 s: there are many clients.
func leaveSoon(client *oss.Client) {
	client.Config.HTTPTimeout.IdleConnTimeout = 100 * time.Millisecond
}

func told(err error) error {
	var service oss.ServiceError
	if errors.As(err, &service) {
		return &lineprotocol.Refusal{Err: err, Code: service.Code, EC: service.Ec}
	}
	return err
}

// Prepare times the content cipher.
func (client) Prepare(piece lineprotocol.Piece) (func() ([]byte, error), error) {
	if piece.Op != "encrypt_part" && piece.Op != "decrypt_range" {
		return nil, lineprotocol.ErrUnsupported
	}
	content, err := osscrypto.CreateAesCtrCipher(lineprotocol.Unwrapped{}).ContentCipher()
	if err != nil {
		return nil, err
	}
	return func() ([]byte, error) {
		data := osscrypto.CipherData{Key: piece.Key, IV: append([]byte(nil), piece.Start...)}
		data.SeekIV(uint64(piece.Place()))
		part, err := content.Clone(data)
		if err != nil {
			return nil, err
		}
		encrypted, err := part.EncryptContent(bytes.NewReader(piece.Data()))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(encrypted)
	}, nil
}
