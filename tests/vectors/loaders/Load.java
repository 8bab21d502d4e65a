import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.*;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Holds AES-CTR to aes_ctr.json: the smallest loader that refuses what it does not know. The JDK alone runs it. */
public class Load {
    static final Map<String, String> FIELDS = Map.of( // a field that is not here is refused
            "CounterBlockTest", "start blockIndex counterBlock",
            "CtrPartTest", "key start partSize number plaintext ciphertext",
            "CtrRangeTest", "key start offset ciphertext plaintext");

    public static void main(String[] arguments) throws Exception {
        Path path = Path.of(arguments.length > 0 ? arguments[0] : "../../../crates/vectors/data/aes_ctr.json");
        Map<String, Object> file = object(new Json(Files.readString(path)).document());
        known(file, "schema version generator algorithm header notes numberOfTests testGroups");
        check(file.get("schema").equals("schema-v1.json") && file.get("version").equals(1L), "not version 1");
        for (Object note : object(file.get("notes")).values()) known(object(note), "description effect ec");
        long number = 0, failed = 0;
        for (Object g : (List<?>) file.get("testGroups")) {
            Map<String, Object> group = object(g);
            known(group, "type tests");
            String type = (String) group.get("type");
            check(FIELDS.containsKey(type), "unknown group " + type);
            for (Object t : (List<?>) group.get("tests")) {
                Map<String, Object> test = object(t);
                known(test, "tcId comment flags result " + FIELDS.get(type));
                check(test.get("tcId").equals(++number), "cases are missing before " + number);
                for (Object flag : (List<?>) test.get("flags")) check(object(file.get("notes")).containsKey(flag), "unknown flag " + flag);
                if (!passes(type, test)) {
                    failed++;
                    System.out.println("aes_ctr.json " + number + " " + test.get("comment") + ": failed");
                }
            }
        }
        check(file.get("numberOfTests").equals(number), "cases are missing");
        System.out.println(number - failed + " passed, " + failed + " failed");
        System.exit(failed > 0 ? 1 : 0);
    }

    static boolean passes(String type, Map<String, Object> test) throws Exception {
        byte[] start = unhex(test.get("start"));
        if (type.equals("CounterBlockTest"))
            return test.get("result").equals("valid") && hex(counterBlock(start, (long) test.get("blockIndex"))).equals(test.get("counterBlock"));
        byte[] key = unhex(test.get("key"));
        if (type.equals("CtrRangeTest")) {
            byte[] opened = ctr(key, start, (long) test.get("offset"), unhex(object(test.get("ciphertext")).get("hex")));
            return test.get("result").equals("valid") && Map.of("hex", hex(opened)).equals(test.get("plaintext"));
        }
        long size = (long) test.get("partSize"), part = (long) test.get("number");
        byte[] data = plaintext(object(test.get("plaintext")), Math.max(0, part - 1) * size);
        if (key.length != 32 || start.length != 16 || size == 0 || size % 16 != 0 || part < 1 || part > 10_000 || data.length > size)
            return test.get("result").equals("invalid");
        byte[] sent = ctr(key, start, (part - 1) * size, data);
        String all = hex(sent), sum = hex(MessageDigest.getInstance("SHA-256").digest(sent));
        Map<String, Object> answer = sent.length <= 256 ? Map.of("hex", all) : Map.of("length", (long) sent.length,
                "sha256", sum, "first", all.substring(0, 32), "last", all.substring(all.length() - 32));
        return test.get("result").equals("valid") && answer.equals(test.get("ciphertext"));
    }

    /** Counts in 128 bits that wrap: every shorter counter makes other bytes, and nothing in the object shows it. */
    static byte[] counterBlock(byte[] start, long index) {
        byte[] sum = new BigInteger(1, start).add(BigInteger.valueOf(index)).toByteArray(), block = new byte[16];
        int length = Math.min(16, sum.length);
        System.arraycopy(sum, sum.length - length, block, 16 - length, length);
        return block;
    }

    /** Encrypts or decrypts the bytes of an object from an offset on. */
    static byte[] ctr(byte[] key, byte[] start, long offset, byte[] data) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(counterBlock(start, offset / 16)));
        byte[] out = cipher.doFinal(ByteBuffer.allocate((int) (offset % 16) + data.length).put((int) (offset % 16), data).array());
        return Arrays.copyOfRange(out, (int) (offset % 16), out.length);
    }

    /** A plaintext in full, or the stream of a seed from an offset that is a multiple of 8. */
    static byte[] plaintext(Map<String, Object> value, long offset) {
        known(value, value.containsKey("hex") ? "hex" : "seed length");
        if (value.containsKey("hex")) return unhex(value.get("hex"));
        long seed = (long) value.get("seed"), length = (long) value.get("length");
        ByteBuffer stream = ByteBuffer.allocate((int) (length + 7) / 8 * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (long i = offset / 8; stream.hasRemaining(); i++) {
            long w = seed == 0 ? 0 : i ^ seed << 32;
            w = (w ^ w >>> 30) * 0xbf58476d1ce4e5b9L;
            w = (w ^ w >>> 27) * 0x94d049bb133111ebL;
            stream.putLong(w ^ w >>> 31);
        }
        return Arrays.copyOf(stream.array(), (int) length);
    }

    static void known(Map<String, Object> value, String fields) {
        for (String name : value.keySet()) check(List.of(fields.split(" ")).contains(name), "unknown field " + name);
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) throw new IllegalArgumentException(otherwise);
    }

    static byte[] unhex(Object text) { return HexFormat.of().parseHex((String) text); }

    static String hex(byte[] data) { return HexFormat.of().formatHex(data); }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value) { return (Map<String, Object>) value; }

    /** As much JSON as vectors have: no null, no fraction. A project with a JSON library uses that instead. */
    static class Json {
        final Scanner text;

        Json(String text) { this.text = new Scanner(text).useDelimiter(""); }

        String token(String pattern) {
            String found = text.findWithinHorizon("\\G\\s*(?:" + pattern + ")", 0);
            check(found != null, "JSON: expected " + pattern);
            return found.strip();
        }

        Object document() {
            Object value = value();
            token("\\z");
            return value;
        }

        Object value() {
            String token = token("[\\[{]|\"(?:[^\"\\\\]|\\\\[\"\\\\])*+\"|\\d+|true|false");
            if (token.equals("{")) {
                Map<String, Object> object = new LinkedHashMap<>();
                for (String next = token("(?=\")|}"); !next.equals("}"); next = token("[,}]")) {
                    String name = (String) value();
                    token(":");
                    check(object.put(name, value()) == null, "twice: " + name);
                }
                return object;
            }
            if (token.equals("[")) {
                List<Object> list = new ArrayList<>();
                for (String next = token("(?=[^\\s\\]])|]"); !next.equals("]"); next = token("[,\\]]")) list.add(value());
                return list;
            }
            if (token.startsWith("\"")) return token.substring(1, token.length() - 1).replaceAll("\\\\(.)", "$1");
            return token.matches("\\d+") ? (Object) Long.valueOf(token) : Boolean.valueOf(token);
        }
    }
}
