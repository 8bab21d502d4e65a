// Command ossv2 puts version 2 of the OSS SDK for Go behind Partproof's line protocol: the multipart calls of its encryption
// client, or with --high-level its Uploader and Downloader.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/crypto"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/retry"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/transport"

	"partproof-adapters/lineprotocol"
)

const module = "github.com/aliyun/alibabacloud-oss-go-sdk-v2"

var signatures = map[string]oss.SignatureVersionType{
	"v1": oss.SignatureVersionV1,
	"v4": oss.SignatureVersionV4,
}

func main() {
	highLevel := flag.Bool("high-level", false, "use the Uploader and the Downloader")
	flag.Parse()
	if flag.NArg() != 0 {
		fmt.Fprintf(os.Stderr, "unknown argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	declared := []string{"v1", "v4"}
	features := []string{
		lineprotocol.Ranges, lineprotocol.Describes, lineprotocol.Metadata, lineprotocol.Reuses, lineprotocol.SeveralKeys,
	}
	if *highLevel {
		features = append(features, lineprotocol.Plans, lineprotocol.Resumes, lineprotocol.Sources, lineprotocol.Streams)
		lineprotocol.Main(lineprotocol.Describe(module, " (Uploader)", declared, features), managers{})
	} else {
		features = append(features, lineprotocol.Pieces)
		lineprotocol.Main(lineprotocol.Describe(module, "", declared, features), calls{})
	}
}

// clientOf makes a client. The master keys are read as they are given: PKCS#8 and X.509 in PEM.
func clientOf(service lineprotocol.Service) (*oss.EncryptionClient, error) {
	// What the SDK makes by default, but that its connections are closed soon: there are many clients.
	connections := transport.NewHttpClient(&transport.Config{}, func(pool *http.Transport) {
		pool.IdleConnTimeout = 100 * time.Millisecond
	})
	config := oss.LoadDefaultConfig().
		WithCredentialsProvider(credentials.NewStaticCredentialsProvider(service.AccessKeyID, service.AccessKeySecret)).
		WithRegion(service.Region).
		WithEndpoint(service.Endpoint).
		WithUsePathStyle(true).
		WithHttpClient(connections).
		WithSignatureVersion(signatures[service.Signature]).
		// As many attempts as by default, with shorter pauses between them.
		WithRetryer(retry.NewStandard(func(options *retry.RetryOptions) {
			options.BaseDelay = time.Millisecond
			options.MaxBackoff = 10 * time.Millisecond
		}))
	master, err := masterOf(service.MasterKey.Key)
	if err != nil {
		return nil, err
	}
	var others []crypto.MasterCipher
	for _, key := range service.MasterKey.Others {
		other, err := masterOf(key)
		if err != nil {
			return nil, err
		}
		others = append(others, other)
	}
	return oss.NewEncryptionClient(oss.NewClient(config), master, func(options *oss.EncryptionClientOptions) {
		options.MasterCiphers = others
	})
}

func masterOf(key lineprotocol.Key) (crypto.MasterCipher, error) {
	return crypto.CreateMasterRsa(key.Description, key.Public, key.Private)
}

// getRequest asks for an object, or for a range of it.
func getRequest(download lineprotocol.Download) *oss.GetObjectRequest {
	request := &oss.GetObjectRequest{Bucket: oss.Ptr(download.Bucket), Key: oss.Ptr(download.Object)}
	if download.Range != nil {
		request.Range = oss.Ptr("bytes=" + download.Range.String())
	}
	return request
}

func told(err error) error {
	var service *oss.ServiceError
	if errors.As(err, &service) {
		return &lineprotocol.Refusal{Err: err, Code: service.Code, EC: service.EC}
	}
	return err
}
