package partproof.adapter;

import com.aliyun.sdk.service.oss2.OSSClient;
import com.aliyun.sdk.service.oss2.credentials.StaticCredentialsProvider;
import com.aliyun.sdk.service.oss2.encryption.EncryptionConfiguration;
import com.aliyun.sdk.service.oss2.encryption.OSSEncryptionClient;
import com.aliyun.sdk.service.oss2.encryption.RsaMasterCipher;
import com.aliyun.sdk.service.oss2.exceptions.ServiceException;
import com.aliyun.sdk.service.oss2.io.BoundedInputStream;
import com.aliyun.sdk.service.oss2.models.AbortMultipartUploadRequest;
import com.aliyun.sdk.service.oss2.models.CompleteMultipartUpload;
import com.aliyun.sdk.service.oss2.models.CompleteMultipartUploadRequest;
import com.aliyun.sdk.service.oss2.models.GetObjectRequest;
import com.aliyun.sdk.service.oss2.models.GetObjectResult;
import com.aliyun.sdk.service.oss2.models.InitiateMultipartUploadRequest;
import com.aliyun.sdk.service.oss2.models.InitiateMultipartUploadResult;
import com.aliyun.sdk.service.oss2.models.Part;
import com.aliyun.sdk.service.oss2.models.UploadPartRequest;
import com.aliyun.sdk.service.oss2.retry.FixedDelayBackoff;
import com.aliyun.sdk.service.oss2.retry.StandardRetryer;
import com.aliyun.sdk.service.oss2.transport.BinaryData;
import com.aliyun.sdk.service.oss2.utils.VersionInfoUtils;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** OSS SDK for Java v2: the multipart calls of its encryption client. Its Uploader does not encrypt. */
public final class JavaV2 implements Adapter {
    private static final Duration RETRY_PAUSE = Duration.ofMillis(10);

    public static void main(String[] arguments) throws Exception {
        LineProtocol.serve(new JavaV2());
    }

    @Override
    public String name() {
        return "com.aliyun:alibabacloud-oss-v2";
    }

    @Override
    public String version() {
        return VersionInfoUtils.getVersion();
    }

    @Override
    public List<String> signatures() {
        return List.of("v1", "v4");
    }

    @Override
    public List<String> features() {
        return List.of("ranges", "pipelining");
    }

    @Override
    public Optional<Refusal> refusal(Throwable failure) {
        return Optional.ofNullable(ServiceException.asCause(failure))
                .map(service -> new Refusal(service.errorCode(), service.ec()));
    }

    @Override
    public String upload(Request request) throws Throwable {
        try (OSSEncryptionClient client = client(request)) {
            return upload(client, request);
        }
    }

    @Override
    public void download(Request request) throws Throwable {
        GetObjectRequest.Builder get =
                GetObjectRequest.newBuilder().bucket(request.bucket()).key(request.object());
        if (request.range() != null) {
            get.range("bytes=" + open(request.range().first()) + "-" + open(request.range().last()));
        }
        try (OSSEncryptionClient client = client(request);
                GetObjectResult result = client.getObject(get.build())) {
            Files.copy(result.body(), Path.of(request.file()), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String open(Long end) {
        return end == null ? "" : end.toString();
    }

    private static OSSEncryptionClient client(Request request) {
        Request.MasterKey key = request.masterKey();
        EncryptionConfiguration encryption = EncryptionConfiguration.newBuilder()
                .masterCipher(RsaMasterCipher.of(key.publicPem(), key.privatePem(), key.description()))
                .build();
        OSSClient client = OSSClient.newBuilder()
                .credentialsProvider(new StaticCredentialsProvider(request.accessKeyId(), request.accessKeySecret()))
                .region(request.region())
                .endpoint(request.endpoint())
                .usePathStyle(true)
                .signatureVersion(request.signature())
                .retryer(StandardRetryer.newBuilder()
                        .backoffDelayer(new FixedDelayBackoff(RETRY_PAUSE))
                        .build())
                .build();
        return new OSSEncryptionClient(client, encryption);
    }

    private static String upload(OSSEncryptionClient client, Request request) throws Throwable {
        long size = Files.size(Path.of(request.file()));
        InitiateMultipartUploadResult initiated = client.initiateMultipartUpload(InitiateMultipartUploadRequest.newBuilder()
                .bucket(request.bucket())
                .key(request.object())
                .csePartSize(request.partSize())
                .cseDataSize(size)
                .build());
        String uploadId = initiated.initiateMultipartUpload().uploadId();
        try {
            List<Part> parts = Parts.upload(
                    Parts.cut(size, request.partSize()),
                    request.options().parallel(),
                    part -> uploadPart(client, request, initiated, part));
            return client.completeMultipartUpload(CompleteMultipartUploadRequest.newBuilder()
                            .bucket(request.bucket())
                            .key(request.object())
                            .uploadId(uploadId)
                            .completeMultipartUpload(
                                    CompleteMultipartUpload.newBuilder().parts(parts).build())
                            .build())
                    .completeMultipartUpload()
                    .eTag();
        } catch (Throwable failure) {
            try {
                client.abortMultipartUpload(AbortMultipartUploadRequest.newBuilder()
                        .bucket(request.bucket())
                        .key(request.object())
                        .uploadId(uploadId)
                        .build());
            } catch (RuntimeException second) {
                failure.addSuppressed(new LeftOpen(uploadId, second));
            }
            throw failure;
        }
    }

    private static Part uploadPart(
            OSSEncryptionClient client, Request request, InitiateMultipartUploadResult initiated, Parts.Part part)
            throws Exception {
        try (InputStream in = new FileInputStream(request.file())) {
            in.skipNBytes(part.offset());
            String etag = client.uploadPart(
                            initiated.cseContext(),
                            UploadPartRequest.newBuilder()
                                    .bucket(request.bucket())
                                    .key(request.object())
                                    .uploadId(initiated.initiateMultipartUpload().uploadId())
                                    .partNumber((long) part.number())
                                    .body(BinaryData.fromStream(new BoundedInputStream(in, part.length())))
                                    .build())
                    .eTag();
            return Part.newBuilder().partNumber((long) part.number()).eTag(etag).build();
        }
    }
}
