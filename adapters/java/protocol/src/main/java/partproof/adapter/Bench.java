package partproof.adapter;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/** The loop of the operation bench. */
final class Bench {
    private Bench() {}

    /** Adds the answer; false for a piece that is not timed. */
    static boolean run(Timed timed, Request request, JsonObject ok) throws Exception {
        Callable<byte[]> work = timed.prepare(request.of(), request.repeat());
        if (work == null) {
            return false;
        }
        OptionalLong othersBefore = computedByOthers();
        long ownBefore = computedByThis();
        long began = System.nanoTime();
        long iterations = 0;
        long took;
        byte[] made;
        do {
            made = work.call();
            iterations++;
            took = System.nanoTime() - began;
        } while (took < request.leastNanoseconds());
        long own = computedByThis() - ownBefore;
        OptionalLong others = computedByOthers();
        ok.addProperty("iterations", iterations);
        ok.addProperty("nanoseconds", took);
        if (othersBefore.isPresent() && others.isPresent()) {
            // A thread that ended meanwhile takes its time with it.
            ok.addProperty("cpu_nanoseconds", own + Math.max(0, others.getAsLong() - othersBefore.getAsLong()));
        }
        ok.addProperty("digest", HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(made)));
        return true;
    }

    private static long computedByThis() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /**
     * What the threads beside this one have computed, those that collect and compile too, where the system tells it. The clock of the process counts
     * in hundredths of a second in Java, which is half of a turn.
     */
    private static OptionalLong computedByOthers() {
        Path own = Path.of("/proc/thread-self");
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            Path self = Files.readSymbolicLink(own).getFileName();
            long computed = 0;
            for (Path thread : threads) {
                if (!thread.getFileName().equals(self)) {
                    computed += computed(thread);
                }
            }
            return OptionalLong.of(computed);
        } catch (IOException notHere) {
            return OptionalLong.empty();
        }
    }

    private static long computed(Path thread) {
        try {
            String schedule = Files.readString(thread.resolve("schedstat"));
            return Long.parseLong(schedule.substring(0, schedule.indexOf(' ')));
        } catch (IOException ended) {
            return 0;
        }
    }
}
