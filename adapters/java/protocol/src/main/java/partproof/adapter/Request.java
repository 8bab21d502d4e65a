package partproof.adapter;

import com.google.gson.annotations.SerializedName;
import java.util.List;
import java.util.Map;

/** A request of any op: what its op does not have is null. */
public record Request(
        long id,
        String op,
        String endpoint,
        String region,
        String bucket,
        String object,
        String accessKeyId,
        String accessKeySecret,
        String signature,
        MasterKey masterKey,
        String file,
        Long partSize,
        Options options,
        Range range,
        Long client,
        Timed.Piece of,
        Integer repeat,
        Long leastNanoseconds) {

    /** PEM: X.509 and PKCS#8. The description may be null; other keys, which have no others, are known by theirs. */
    public record MasterKey(
            @SerializedName("public") String publicPem,
            @SerializedName("private") String privatePem,
            Map<String, String> description,
            List<MasterKey> others) {}

    /** User metadata are without what their names begin with on the wire. */
    public record Options(
            String cipher,
            int parallel,
            String checkpoint,
            Long announced,
            Map<String, String> metadata,
            String contentType) {}

    /** As in HTTP: without a first, the last bytes; without a last, all from the first on. */
    public record Range(Long first, Long last) {}
}
