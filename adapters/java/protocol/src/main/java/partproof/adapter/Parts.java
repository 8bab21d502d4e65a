package partproof.adapter;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** What the multipart calls leave to their caller, done as in the samples: to cut the file, and to have a pool of threads. */
public final class Parts {
    private Parts() {}

    public record Part(int number, long offset, long length) {}

    public interface Upload<T> {
        T upload(Part part) throws Exception;
    }

    /** An empty file is one empty part, since a list of parts has at least one. */
    public static List<Part> cut(long size, long partSize) {
        List<Part> parts = new ArrayList<>();
        long offset = 0;
        do {
            long length = Math.min(partSize, size - offset);
            parts.add(new Part(parts.size() + 1, offset, length));
            offset += length;
        } while (offset < size);
        return parts;
    }

    /** The results in the order of the parts. After a failure no part is under way any more: the upload can be aborted. */
    public static <T> List<T> upload(List<Part> parts, int threads, Upload<T> upload) throws Throwable {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<T>> uploads = new ArrayList<>();
            for (Part part : parts) {
                uploads.add(pool.submit(() -> upload.upload(part)));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> each : uploads) {
                results.add(each.get());
            }
            return results;
        } catch (ExecutionException failure) {
            throw failure.getCause();
        } finally {
            pool.shutdownNow();
            pool.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        }
    }
}
