package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"

	"partproof-adapters/lineprotocol"
)

// managers uploads and downloads by the SDK's Uploader and Downloader.
type managers struct{}

func (managers) Upload(upload lineprotocol.Upload) (lineprotocol.Uploaded, error) {
	uploader, err := lineprotocol.ClientOf(upload.Service, uploaderOf)
	if err != nil {
		return lineprotocol.Uploaded{}, err
	}
	chosen := func(options *oss.UploaderOptions) {
		options.ParallelNum = upload.Options.Parallel
		// Without one the SDK takes its own.
		if upload.PartSize != nil {
			options.PartSize = *upload.PartSize
		}
	}
	request := &oss.PutObjectRequest{
		Bucket:      oss.Ptr(upload.Bucket),
		Key:         oss.Ptr(upload.Object),
		Metadata:    upload.Options.Metadata,
		ContentType: upload.Options.ContentType,
	}
	var result *oss.UploadResult
	switch {
	case upload.Options.Checkpoint != nil:
		result, err = resumable(uploader, request, upload.File, *upload.Options.Checkpoint, chosen)
	case upload.Options.Position != 0 || upload.Options.Stream:
		result, err = uploadFrom(uploader, request, upload, chosen)
	default:
		result, err = uploader.UploadFile(context.Background(), request, upload.File, chosen)
	}
	if err != nil {
		return lineprotocol.Uploaded{}, told(err)
	}
	return lineprotocol.Uploaded{ETag: result.ETag}, nil
}

func uploaderOf(service lineprotocol.Service) (*oss.Uploader, error) {
	client, err := clientOf(service)
	if err != nil {
		return nil, err
	}
	return client.NewUploader(), nil
}

// uploadFrom hands over an open file that stands somewhere, or a stream of which nothing is known but what is read.
func uploadFrom(
	uploader *oss.Uploader, request *oss.PutObjectRequest, upload lineprotocol.Upload, chosen func(*oss.UploaderOptions),
) (*oss.UploadResult, error) {
	file, err := os.Open(upload.File)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := file.Seek(upload.Options.Position, io.SeekStart); err != nil {
		return nil, err
	}
	var source io.Reader = file
	if upload.Options.Stream {
		source = struct{ io.Reader }{file}
	}
	return uploader.UploadFrom(context.Background(), request, source, chosen)
}

// resumable uploads with a checkpoint. The SDK takes a folder and names the file in it itself: each checkpoint has a folder of
// its own, and a link to the file that the SDK keeps there stands where the protocol wants it.
func resumable(
	uploader *oss.Uploader, request *oss.PutObjectRequest, path, checkpoint string, chosen func(*oss.UploaderOptions),
) (*oss.UploadResult, error) {
	folder := checkpoint + ".d"
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	result, err := uploader.UploadFile(context.Background(), request, path, chosen, func(options *oss.UploaderOptions) {
		options.EnableCheckpoint = true
		// The SDK drops what follows the last slash.
		options.CheckpointDir = folder + "/"
	})
	if linked := link(checkpoint, folder); err == nil && linked != nil {
		return nil, linked
	}
	return result, err
}

// link shows what is kept in the folder at the path, or that nothing is kept.
func link(path, folder string) error {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	kept, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	if len(kept) == 0 {
		return os.Remove(folder)
	}
	return os.Symlink(filepath.Join(filepath.Base(folder), kept[0].Name()), path)
}

func (managers) Download(download lineprotocol.Download) (lineprotocol.Downloaded, error) {
	client, err := lineprotocol.ClientOf(download.Service, clientOf)
	if err != nil {
		return lineprotocol.Downloaded{}, err
	}
	result, err := client.NewDownloader().DownloadFile(context.Background(), getRequest(download), download.File)
	if err != nil {
		return lineprotocol.Downloaded{}, told(err)
	}
	return lineprotocol.Downloaded{Length: result.Written}, nil
}
