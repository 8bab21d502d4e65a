package partproof.adapter;

import java.util.List;
import java.util.Optional;

/** An SDK behind the line protocol. Its methods are called by several threads at a time. */
public interface Adapter {
    String name();

    String version();

    List<String> signatures();

    List<String> features();

    /** The ETag of the object, or null if the SDK does not tell it. */
    String upload(Request request) throws Throwable;

    void download(Request request) throws Throwable;

    /** What the service said, if it is the service that failed the call. */
    Optional<Refusal> refusal(Throwable failure);

    record Refusal(String code, String ec) {}
}
