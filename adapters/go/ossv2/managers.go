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
	client, done, err := clientOf(upload.Service)
	if err != nil {
		return lineprotocol.Uploaded{}, err
	}
	defer done()
	uploader := client.NewUploader(func(options *oss.UploaderOptions) {
		options.ParallelNum = upload.Options.Parallel
		// Without one the SDK takes its own.
		if upload.PartSize != nil {
			options.PartSize = *upload.PartSize
		}
	})
	request := &oss.PutObjectRequest{Bucket: oss.Ptr(upload.Bucket), Key: oss.Ptr(upload.Object)}
	var result *oss.UploadResult
	switch {
	case upload.Options.Checkpoint != nil:
		result, err = resumable(uploader, request, upload.File, *upload.Options.Checkpoint)
	case upload.Options.Position != 0:
		result, err = uploadFrom(uploader, request, upload.File, upload.Options.Position)
	default:
		result, err = uploader.UploadFile(context.Background(), request, upload.File)
	}
	if err != nil {
		return lineprotocol.Uploaded{}, told(err)
	}
	return lineprotocol.Uploaded{ETag: result.ETag}, nil
}

// uploadFrom hands over an open file that stands somewhere, as a stream.
func uploadFrom(
	uploader *oss.Uploader, request *oss.PutObjectRequest, path string, position int64,
) (*oss.UploadResult, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := file.Seek(position, io.SeekStart); err != nil {
		return nil, err
	}
	return uploader.UploadFrom(context.Background(), request, file)
}

// resumable uploads with a checkpoint. The SDK takes a folder and names the file in it itself: each checkpoint has a folder of
// its own, and a link to the file that the SDK keeps there stands where the protocol wants it.
func resumable(
	uploader *oss.Uploader, request *oss.PutObjectRequest, path, checkpoint string,
) (*oss.UploadResult, error) {
	folder := checkpoint + ".d"
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	result, err := uploader.UploadFile(context.Background(), request, path, func(options *oss.UploaderOptions) {
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
	client, done, err := clientOf(download.Service)
	if err != nil {
		return lineprotocol.Downloaded{}, err
	}
	defer done()
	result, err := client.NewDownloader().DownloadFile(context.Background(), getRequest(download), download.File)
	if err != nil {
		return lineprotocol.Downloaded{}, told(err)
	}
	return lineprotocol.Downloaded{Length: result.Written}, nil
}
