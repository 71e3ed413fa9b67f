// One costly pattern at a time, or its innocent look-alike: `java Patterns PATTERN SECONDS`.
import java.io.*;
import java.lang.reflect.Method;
import java.security.MessageDigest;
import java.text.SimpleDateFormat;
import java.util.*;
import java.util.logging.*;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

public class Patterns {
    static final List<String> WORDS = new ArrayList<>();
    static final Pattern KNOWN = Pattern.compile("([a-z]+)\\d+-(\\w+)$");
    static final Logger LOG = Logger.getLogger("shop");
    static long sink;

    static void regexCompile() {
        for (String word : WORDS.subList(0, 300)) if ("order-word5".matches("^(\\w+)-" + word + "[a-z]*$")) sink++;
    }
    static void regexMatch() {
        for (String word : WORDS.subList(0, 100)) sink += KNOWN.matcher("abababababab" + word).replaceAll("x").length();
    }
    static void concat() {
        String text = "";
        for (String word : WORDS) text += word;
        sink += text.length();
    }
    static void boxing() {
        Map<Integer, Long> counts = new HashMap<>();
        for (int round = 0; round < 20; round++)
            for (int i = 0; i < 3000; i++) counts.put(i * 131, counts.getOrDefault(i * 131, 0L) + 1000L);
        sink += counts.size();
    }
    static void growth() {
        for (int round = 0; round < 10; round++) {
            List<Object> all = new ArrayList<>();
            for (int i = 0; i < 300000; i++) all.add(WORDS);
            sink += all.size();
        }
    }
    static void mapGrowth() {
        Map<String, String> all = new HashMap<>();
        for (String word : WORDS) all.put(word, word);
        sink += all.size();
    }
    static int parsed(String word) {
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException bad) {
            return bad.getMessage().length();
        }
    }
    static void exceptions() {
        for (String word : WORDS) sink += parsed(word);
    }
    static void membership() {
        List<String> seen = new ArrayList<>();
        for (String word : WORDS) if (!seen.contains(word)) seen.add(word);
        sink += seen.size();
    }
    static void sortInLoop() {
        List<String> all = new ArrayList<>(WORDS);
        for (int i = 0; i < 20; i++) {
            Collections.shuffle(all, new Random(i));
            Collections.sort(all);
            sink += all.get(0).length();
        }
    }
    static void dates() throws Exception {
        for (int i = 0; i < 200; i++) sink += new SimpleDateFormat("yyyy-MM-dd HH:mm:ss").parse("2026-11-26 19:05:00").getTime();
    }
    public static int price(int cents) {
        return cents * 7;
    }
    static void reflection() throws Exception {
        for (int i = 0; i < 300; i++) {
            for (Method method : Patterns.class.getDeclaredMethods())
                if (method.getName().equals("price")) sink += (Integer) method.invoke(null, i);
        }
    }
    static void serialize() throws Exception {
        ObjectOutputStream out = new ObjectOutputStream(OutputStream.nullOutputStream());
        out.writeObject(new ArrayList<>(WORDS));
        Map<String, Date> all = new TreeMap<>();
        for (String word : WORDS) all.put(word, new Date(sink));
        out.writeObject(all);
    }
    static void compress() throws Exception {
        try (GZIPOutputStream out = new GZIPOutputStream(OutputStream.nullOutputStream())) {
            for (String word : WORDS) out.write((word + sink).getBytes());
        }
    }
    static void password() throws Exception {
        SecretKeyFactory factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256");
        sink += factory.generateSecret(new PBEKeySpec("secret".toCharArray(), new byte[16], 5000, 256)).getEncoded()[0];
    }
    static void format() {
        for (String word : WORDS.subList(0, 500)) sink += String.format("%s has %d of %s", word, sink, "many").length();
    }
    static void logs() {
        for (String word : WORDS.subList(0, 200)) LOG.info("seen " + word);
    }
    static void innocent() {
        long found = 0;
        for (int i = 0; i < 3000000; i++) found = (found * 31 + i) % 1000003;
        Set<String> seen = new HashSet<>(WORDS);
        for (String word : WORDS) if (seen.contains(word)) found++;
        StringBuilder text = new StringBuilder();
        for (String word : WORDS) text.append(word);
        sink += found + text.length();
    }
    static void run(String name) throws Exception {
        switch (name) {
            case "regex_compile": regexCompile(); break;
            case "regex_match": regexMatch(); break;
            case "concat": concat(); break;
            case "boxing": boxing(); break;
            case "growth": growth(); break;
            case "map_growth": mapGrowth(); break;
            case "exceptions": exceptions(); break;
            case "membership": membership(); break;
            case "sort_in_loop": sortInLoop(); break;
            case "dates": dates(); break;
            case "reflection": reflection(); break;
            case "serialize": serialize(); break;
            case "compress": compress(); break;
            case "password": password(); break;
            case "format": format(); break;
            case "logs": logs(); break;
            default: innocent();
        }
    }
    public static void main(String[] args) throws Exception {
        for (int i = 0; i < 3000; i++) WORDS.add("word" + i);
        LOG.setUseParentHandlers(false);
        LOG.addHandler(new StreamHandler(OutputStream.nullOutputStream(), new SimpleFormatter()));
        long end = System.nanoTime() + (long) (Double.parseDouble(args[1]) * 1e9);
        while (System.nanoTime() < end) run(args[0]);
        if (sink == 42) System.out.println(sink);
    }
}
