package partproof.adapter;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Clients that serve several requests: one for each number, and one of its own for a request without. */
public final class Clients<C> {
    private static final int MOST = 16;

    private final Function<Request, C> make;
    private final Consumer<C> close;
    private final Map<Long, C> kept = new LinkedHashMap<>();

    public Clients(Function<Request, C> make, Consumer<C> close) {
        this.make = make;
        this.close = close;
    }

    public interface Use<C, T> {
        T of(C client) throws Throwable;
    }

    public <T> T with(Request request, Use<C, T> use) throws Throwable {
        if (request.client() != null) {
            return use.of(keep(request));
        }
        C client = make.apply(request);
        try {
            return use.of(client);
        } finally {
            close.accept(client);
        }
    }

    private synchronized C keep(Request request) {
        C known = kept.get(request.client());
        if (known != null) {
            return known;
        }
        if (kept.size() == MOST) {
            // Nobody asks for the oldest any more.
            close.accept(kept.remove(kept.keySet().iterator().next()));
        }
        C client = make.apply(request);
        kept.put(request.client(), client);
        return client;
    }
}
