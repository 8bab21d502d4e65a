package main

import (
	"bytes"
	"context"
	"io"
	"os"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/crypto"

	"partproof-adapters/lineprotocol"
)

// calls uploads and downloads by the encryption client's single calls.
type calls struct{}

func (calls) Upload(upload lineprotocol.Upload) (lineprotocol.Uploaded, error) {
	etag, err := put(context.Background(), upload)
	return lineprotocol.Uploaded{ETag: etag}, told(err)
}

func put(ctx context.Context, upload lineprotocol.Upload) (*string, error) {
	client, err := lineprotocol.ClientOf(upload.Service, clientOf)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(upload.File)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	initiated, err := client.InitiateMultipartUpload(ctx, &oss.InitiateMultipartUploadRequest{
		Bucket:      oss.Ptr(upload.Bucket),
		Key:         oss.Ptr(upload.Object),
		CSEPartSize: upload.PartSize,
		CSEDataSize: oss.Ptr(info.Size()),
		Metadata:    upload.Options.Metadata,
		ContentType: upload.Options.ContentType,
	})
	if err != nil {
		return nil, err
	}
	completed, err := send(ctx, client, upload, initiated, file, info.Size())
	if err != nil {
		_, abortErr := client.AbortMultipartUpload(ctx, &oss.AbortMultipartUploadRequest{
			Bucket:   oss.Ptr(upload.Bucket),
			Key:      oss.Ptr(upload.Object),
			UploadId: initiated.UploadId,
		})
		if abortErr != nil {
			err = lineprotocol.LeftOpen(err, *initiated.UploadId)
		}
		return nil, err
	}
	return completed.ETag, nil
}

// send uploads the parts and completes the upload. The SDK clones the cipher for each part, "for parallel upload part".
func send(
	ctx context.Context,
	client *oss.EncryptionClient,
	upload lineprotocol.Upload,
	initiated *oss.InitiateMultipartUploadResult,
	file io.ReaderAt,
	size int64,
) (*oss.CompleteMultipartUploadResult, error) {
	partSize := *upload.PartSize
	// An empty file has one part, an empty one, as in the developer guide.
	count := max(1, int((size-1)/partSize)+1)
	parts := make(oss.UploadParts, count)
	err := lineprotocol.Parallel(upload.Options.Parallel, count, func(i int) error {
		offset := int64(i) * partSize
		number := int32(i + 1)
		sent, err := client.UploadPart(ctx, &oss.UploadPartRequest{
			Bucket:              oss.Ptr(upload.Bucket),
			Key:                 oss.Ptr(upload.Object),
			UploadId:            initiated.UploadId,
			PartNumber:          number,
			CSEMultiPartContext: initiated.CSEMultiPartContext,
			Body:                io.NewSectionReader(file, offset, min(partSize, size-offset)),
		})
		if err != nil {
			return err
		}
		parts[i] = oss.UploadPart{PartNumber: number, ETag: sent.ETag}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return client.CompleteMultipartUpload(ctx, &oss.CompleteMultipartUploadRequest{
		Bucket:                  oss.Ptr(upload.Bucket),
		Key:                     oss.Ptr(upload.Object),
		UploadId:                initiated.UploadId,
		CompleteMultipartUpload: &oss.CompleteMultipartUpload{Parts: parts},
	})
}

func (calls) Download(download lineprotocol.Download) (lineprotocol.Downloaded, error) {
	length, err := get(context.Background(), download)
	return lineprotocol.Downloaded{Length: length}, told(err)
}

func get(ctx context.Context, download lineprotocol.Download) (int64, error) {
	client, err := lineprotocol.ClientOf(download.Service, clientOf)
	if err != nil {
		return 0, err
	}
	return lineprotocol.Take(download, func() (io.ReadCloser, error) {
		object, err := client.GetObject(ctx, getRequest(download))
		if err != nil {
			return nil, err
		}
		return object.Body, nil
	})
}

// Prepare times the content cipher.
func (calls) Prepare(piece lineprotocol.Piece) (func() ([]byte, error), error) {
	if piece.Op != "encrypt_part" && piece.Op != "decrypt_range" {
		return nil, lineprotocol.ErrUnsupported
	}
	content, err := crypto.CreateAesCtrCipher(lineprotocol.Unwrapped{}).ContentCipher()
	if err != nil {
		return nil, err
	}
	return func() ([]byte, error) {
		data := crypto.CipherData{Key: piece.Key, IV: append([]byte(nil), piece.Start...)}
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
