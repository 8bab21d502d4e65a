package partproof.adapter;

import com.aliyun.oss.ClientBuilderConfiguration;
import com.aliyun.oss.OSSEncryptionClient;
import com.aliyun.oss.OSSEncryptionClientBuilder;
import com.aliyun.oss.OSSException;
import com.aliyun.oss.common.auth.DefaultCredentialProvider;
import com.aliyun.oss.common.comm.SignVersion;
import com.aliyun.oss.common.utils.VersionInfoUtils;
import com.aliyun.oss.crypto.CipherInputStream;
import com.aliyun.oss.crypto.CryptoCipher;
import com.aliyun.oss.crypto.CryptoScheme;
import com.aliyun.oss.crypto.MultipartUploadCryptoContext;
import com.aliyun.oss.crypto.SimpleRSAEncryptionMaterials;
import com.aliyun.oss.model.AbortMultipartUploadRequest;
import com.aliyun.oss.model.CompleteMultipartUploadRequest;
import com.aliyun.oss.model.DownloadFileRequest;
import com.aliyun.oss.model.GetObjectRequest;
import com.aliyun.oss.model.InitiateMultipartUploadRequest;
import com.aliyun.oss.model.ObjectMetadata;
import com.aliyun.oss.model.PartETag;
import com.aliyun.oss.model.UploadFileRequest;
import com.aliyun.oss.model.UploadPartRequest;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/** OSS SDK for Java (v1): the multipart calls of its encryption client, or with {@code --high-level} its uploadFile and downloadFile. */
public final class JavaV1 implements Adapter, Timed {
    private static final Map<String, SignVersion> SIGNATURES = Map.of("v1", SignVersion.V1, "v4", SignVersion.V4);

    /** As its modules have it. */
    private static final int BUFFER = 2048;

    private final boolean highLevel;
    private final Clients<OSSEncryptionClient> clients = new Clients<>(JavaV1::client, OSSEncryptionClient::shutdown);

    private JavaV1(boolean highLevel) {
        this.highLevel = highLevel;
    }

    public static void main(String[] arguments) throws Exception {
        LineProtocol.serve(new JavaV1(List.of(arguments).contains("--high-level")));
    }

    @Override
    public String name() {
        return "com.aliyun.oss:aliyun-sdk-oss" + (highLevel ? " (uploadFile)" : "");
    }

    @Override
    public String version() {
        return VersionInfoUtils.getVersion();
    }

    @Override
    public List<String> signatures() {
        return SIGNATURES.keySet().stream().sorted().toList();
    }

    @Override
    public List<String> features() {
        List<String> features = new ArrayList<>(List.of("pipelining", "describes", "metadata", "reuses", "several-keys"));
        features.addAll(highLevel ? List.of("plans", "ranges", "resumes", "sources") : List.of("closed-ranges"));
        return features;
    }

    @Override
    public Optional<Refusal> refusal(Throwable failure) {
        return failure instanceof OSSException service
                ? Optional.of(new Refusal(service.getErrorCode(), service.getEC()))
                : Optional.empty();
    }

    @Override
    public String upload(Request request) throws Throwable {
        return clients.with(
                request, client -> highLevel ? uploadFile(client, request) : uploadParts(client, request));
    }

    @Override
    public void download(Request request) throws Throwable {
        clients.with(request, client -> {
            if (highLevel) {
                downloadFile(client, request);
            } else {
                getObject(client, request);
            }
            return null;
        });
    }

    /** Times the content cipher. */
    @Override
    public Callable<byte[]> prepare(Piece piece, int repeat) {
        if (!piece.op().equals("encrypt_part") && !piece.op().equals("decrypt_range")) {
            return null;
        }
        CryptoScheme scheme = CryptoScheme.AES_CTR;
        SecretKey key = new SecretKeySpec(piece.keyBytes(), scheme.getKeyGeneratorAlgorithm());
        byte[] start = piece.startBytes();
        byte[] data = piece.data(repeat);
        int mode = piece.encrypts() ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE;
        return () -> {
            byte[] counter = scheme.adjustIV(start, piece.place());
            CryptoCipher cipher = scheme.createCryptoCipher(key, counter, mode, null);
            return new CipherInputStream(new ByteArrayInputStream(data), cipher, BUFFER).readAllBytes();
        };
    }

    private static OSSEncryptionClient client(Request request) {
        ClientBuilderConfiguration configuration = new ClientBuilderConfiguration();
        configuration.setSLDEnabled(true);
        configuration.setSignatureVersion(SIGNATURES.get(request.signature()));
        OSSEncryptionClient client = new OSSEncryptionClientBuilder().build(
                request.endpoint(),
                new DefaultCredentialProvider(request.accessKeyId(), request.accessKeySecret()),
                materials(request.masterKey()),
                configuration);
        // The builder of the encryption client takes no region; signature V4 needs one.
        client.setRegion(request.region());
        return client;
    }

    private static SimpleRSAEncryptionMaterials materials(Request.MasterKey key) {
        SimpleRSAEncryptionMaterials materials = key.description() == null
                ? new SimpleRSAEncryptionMaterials(pair(key))
                : new SimpleRSAEncryptionMaterials(pair(key), key.description());
        key.others().forEach(other -> materials.addKeyPairDescMaterial(pair(other), other.description()));
        return materials;
    }

    private static KeyPair pair(Request.MasterKey key) {
        return new KeyPair(
                SimpleRSAEncryptionMaterials.getPublicKeyFromPemX509(key.publicPem()),
                SimpleRSAEncryptionMaterials.getPrivateKeyFromPemPKCS8(key.privatePem()));
    }

    /** What the caller passes with an upload. */
    private static ObjectMetadata metadata(Request.Options options) {
        ObjectMetadata metadata = new ObjectMetadata();
        options.metadata().forEach(metadata::addUserMetadata);
        if (options.contentType() != null) {
            metadata.setContentType(options.contentType());
        }
        return metadata;
    }

    private static String uploadFile(OSSEncryptionClient client, Request request) throws Throwable {
        UploadFileRequest upload = new UploadFileRequest(request.bucket(), request.object());
        upload.setUploadFile(request.file());
        upload.setTaskNum(request.options().parallel());
        upload.setObjectMetadata(metadata(request.options()));
        if (request.partSize() != null) {
            upload.setPartSize(request.partSize());
        }
        if (request.options().checkpoint() != null) {
            upload.setEnableCheckpoint(true);
            upload.setCheckpointFile(request.options().checkpoint());
        }
        return client.uploadFile(upload).getMultipartUploadResult().getETag();
    }

    private static String uploadParts(OSSEncryptionClient client, Request request) throws Throwable {
        String bucket = request.bucket();
        String object = request.object();
        long size = Files.size(Path.of(request.file()));
        MultipartUploadCryptoContext context = new MultipartUploadCryptoContext();
        context.setPartSize(request.partSize());
        context.setDataSize(size);
        String uploadId = client.initiateMultipartUpload(
                        new InitiateMultipartUploadRequest(bucket, object, metadata(request.options())), context)
                .getUploadId();
        try {
            List<PartETag> etags = Parts.upload(
                    Parts.cut(size, request.partSize()),
                    request.options().parallel(),
                    part -> uploadPart(client, request, context, part));
            CompleteMultipartUploadRequest complete =
                    new CompleteMultipartUploadRequest(bucket, object, uploadId, etags);
            return client.completeMultipartUpload(complete, context).getETag();
        } catch (Throwable failure) {
            try {
                client.abortMultipartUpload(new AbortMultipartUploadRequest(bucket, object, uploadId));
            } catch (RuntimeException second) {
                failure.addSuppressed(new LeftOpen(uploadId, second));
            }
            throw failure;
        }
    }

    private static PartETag uploadPart(
            OSSEncryptionClient client, Request request, MultipartUploadCryptoContext context, Parts.Part part)
            throws Exception {
        try (InputStream in = new FileInputStream(request.file())) {
            in.skipNBytes(part.offset());
            UploadPartRequest upload = new UploadPartRequest();
            upload.setBucketName(request.bucket());
            upload.setKey(request.object());
            upload.setUploadId(context.getUploadId());
            upload.setPartNumber(part.number());
            upload.setInputStream(in);
            upload.setPartSize(part.length());
            return client.uploadPart(upload, context).getPartETag();
        }
    }

    private static void downloadFile(OSSEncryptionClient client, Request request) throws Throwable {
        DownloadFileRequest download = new DownloadFileRequest(request.bucket(), request.object());
        download.setDownloadFile(request.file());
        if (request.range() != null) {
            download.setRange(open(request.range().first()), open(request.range().last()));
        }
        client.downloadFile(download);
    }

    private static void getObject(OSSEncryptionClient client, Request request) {
        GetObjectRequest get = new GetObjectRequest(request.bucket(), request.object());
        if (request.range() != null) {
            get.setRange(open(request.range().first()), open(request.range().last()));
        }
        client.getObject(get, new File(request.file()));
    }

    /** setRange documents -1 for an end of a range that is left open. */
    private static long open(Long end) {
        return end == null ? -1 : end;
    }
}
