package partproof.adapter;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Reads requests from standard input and writes the adapter's answers to standard output, several at a time, in any order. */
public final class LineProtocol {
    private static final int VERSION = 1;
    private static final int MAX_LINE = 16 << 20;
    private static final int THREADS = 16;
    private static final String CIPHER = "AES/CTR/NoPadding";

    private final Gson gson = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .disableHtmlEscaping()
            .serializeNulls()
            .create();
    private final Adapter adapter;
    private final OutputStream answers;

    private LineProtocol(Adapter adapter, OutputStream answers) {
        this.adapter = adapter;
        this.answers = answers;
    }

    /** Returns when standard input has ended and every request is answered. */
    public static void serve(Adapter adapter) throws IOException, InterruptedException {
        // Standard output is the protocol's: what a library prints goes elsewhere.
        System.setOut(System.err);
        new LineProtocol(adapter, new FileOutputStream(FileDescriptor.out)).serve(new BufferedInputStream(System.in));
    }

    private void serve(InputStream requests) throws IOException, InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try {
            for (String line; (line = readLine(requests)) != null; ) {
                Request request = gson.fromJson(line, Request.class);
                pool.execute(() -> write(answer(request)));
            }
        } finally {
            pool.shutdown();
        }
        pool.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    private static String readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next; (next = in.read()) != '\n'; line.write(next)) {
            if (next < 0) {
                return null;
            }
            if (line.size() == MAX_LINE) {
                throw new IOException("a request of more than " + MAX_LINE + " bytes");
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private synchronized void write(JsonObject answer) {
        try {
            answers.write((gson.toJson(answer) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private JsonObject answer(Request request) {
        JsonObject answer = new JsonObject();
        answer.addProperty("id", request.id());
        try {
            JsonObject ok = ok(request);
            if (ok == null) {
                answer.addProperty("unsupported", true);
            } else {
                answer.add("ok", ok);
            }
        } catch (Throwable failure) {
            // Whatever an SDK throws is an answer, and the SDKs throw Throwables. The causes are not in their messages.
            failure.printStackTrace();
            answer.add("err", err(failure));
        }
        return answer;
    }

    /** Null for what the adapter does not have. */
    private JsonObject ok(Request request) throws Throwable {
        JsonObject ok = new JsonObject();
        switch (request.op()) {
            case "describe" -> describe(ok);
            case "upload" -> {
                if (!canUpload(request)) {
                    return null;
                }
                ok.addProperty("etag", adapter.upload(request));
            }
            case "download" -> {
                if (!adapter.signatures().contains(request.signature())) {
                    return null;
                }
                adapter.download(request);
                ok.addProperty("length", Files.size(Path.of(request.file())));
            }
            case "bench" -> {
                if (!(adapter instanceof Timed timed) || !Bench.run(timed, request, ok)) {
                    return null;
                }
            }
            default -> {
                return null;
            }
        }
        return ok;
    }

    private void describe(JsonObject ok) {
        ok.addProperty("protocol", VERSION);
        ok.addProperty("name", adapter.name());
        ok.addProperty("version", adapter.version());
        ok.addProperty("language", "Java");
        ok.add("ops", array(adapter instanceof Timed ? List.of("upload", "download", "bench") : List.of("upload", "download")));
        ok.add("ciphers", array(List.of(CIPHER)));
        ok.add("signatures", array(adapter.signatures()));
        ok.add("features", array(adapter.features()));
    }

    private JsonArray array(List<String> values) {
        return gson.toJsonTree(values).getAsJsonArray();
    }

    private boolean canUpload(Request request) {
        List<String> features = adapter.features();
        Request.Options options = request.options();
        return adapter.signatures().contains(request.signature())
                && options.cipher().equals(CIPHER)
                && options.announced() == null
                && (options.checkpoint() == null || features.contains("resumes"))
                && (request.partSize() != null || features.contains("plans"));
    }

    private JsonObject err(Throwable failure) {
        JsonObject err = new JsonObject();
        err.addProperty("kind", "failed");
        StringBuilder message =
                new StringBuilder(failure.getMessage() != null ? failure.getMessage() : failure.toString());
        for (Throwable second : failure.getSuppressed()) {
            message.append("; ").append(second.getMessage());
        }
        err.addProperty("message", message.toString());
        adapter.refusal(failure).ifPresent(refusal -> {
            err.addProperty("kind", "refused");
            addIfTold(err, "code", refusal.code());
            addIfTold(err, "ec", refusal.ec());
        });
        return err;
    }

    private static void addIfTold(JsonObject err, String name, String value) {
        if (value != null && !value.isEmpty()) {
            err.addProperty(name, value);
        }
    }
}
