package partproof.adapter;

import java.util.Base64;
import java.util.concurrent.Callable;

/** An SDK some of whose pieces can be timed: the operation bench. */
public interface Timed {
    /**
     * Unpacks a piece, whose data stands so many times one behind the other, and returns what is to be timed, or null for a piece that it has not. What
     * that returns is what came out.
     */
    Callable<byte[]> prepare(Piece piece, int repeat) throws Exception;

    /** The request of a piece: what its op does not have is null. Bytes are in Base64. */
    record Piece(
            String op,
            String cipher,
            String key,
            String start,
            Long partSize,
            Long number,
            String plaintext,
            Long offset,
            String ciphertext) {

        public byte[] keyBytes() {
            return Base64.getDecoder().decode(key);
        }

        public byte[] startBytes() {
            return Base64.getDecoder().decode(start);
        }

        public boolean encrypts() {
            return op.equals("encrypt_part");
        }

        /** Where in the object the data of an encryption or a decryption begins. */
        public long place() {
            return encrypts() ? (number - 1) * partSize : offset;
        }

        /** What is encrypted or decrypted, so many times one behind the other. */
        public byte[] data(int repeat) {
            byte[] once = Base64.getDecoder().decode(encrypts() ? plaintext : ciphertext);
            byte[] all = new byte[Math.multiplyExact(once.length, repeat)];
            for (int at = 0; at < all.length; at += once.length) {
                System.arraycopy(once, 0, all, at, once.length);
            }
            return all;
        }
    }
}
