// Calls one static method again and again: first timed, warm, in repeats until the 95 % interval
// of the mean is narrow; then for as long as a profiler looks from outside.
// Started as a single source file (java SlowcoachRunner.java), so it needs the JDK's compiler.
// Arguments: request file, answer file. The request has one item a line, see java_method.py.

import java.io.PrintWriter;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;

public class SlowcoachRunner {
    static final long REPEAT_NS = 20_000_000;
    static final int LEAST = 5, STEADY = 5;
    static final double NARROW = 0.01, LIKE = 0.03, WARM_PART = 0.4, Z = 1.96;
    static MethodHandle method;
    static Object object;
    static long number;

    public static void main(String[] words) throws Throwable {
        Deque<String> request = new ArrayDeque<>(Files.readAllLines(Path.of(words[0])));
        try (PrintWriter answer = new PrintWriter(words[1] + ".part", StandardCharsets.UTF_8)) {
            try {
                answer.print(timed(request));
            } catch (Throwable error) {
                Throwable cause = error instanceof InvocationTargetException ? error.getCause() : error;
                StackTraceElement[] at = cause.getStackTrace();
                answer.println("error=" + cause.getClass().getName());
                answer.println("message=" + String.valueOf(cause.getMessage()).replace('\n', ' '));
                answer.println("where=" + (at.length > 0 ? at[0].getFileName() + ":" + at[0].getLineNumber() : ""));
                request = null;
            }
        }
        Files.move(Path.of(words[1] + ".part"), Path.of(words[1]));
        if (request == null) {
            return;
        }
        long end = System.nanoTime() + (long) (Double.parseDouble(words[2]) * 1e9);
        while (System.nanoTime() < end) {
            calls(1);
        }
    }

    static String timed(Deque<String> request) throws Throwable {
        String type = request.pop(), name = request.pop();
        double seconds = Double.parseDouble(request.pop());
        Object[] values = new Object[Integer.parseInt(request.pop())];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(request);
        }
        method = bound(Class.forName(type, true, ClassLoader.getSystemClassLoader()), name, values);
        long begun = System.nanoTime(), cpu = cpu();
        calls(1);
        long first = System.nanoTime() - begun, took = first, all = 1;
        long perRepeat = Math.max(1, REPEAT_NS / Math.max(first, 1));
        long warmUntil = begun + (long) (seconds * WARM_PART * 1e9), end = begun + (long) (seconds * 1e9);
        List<Double> warm = new ArrayList<>(), means = new ArrayList<>();
        while (System.nanoTime() < warmUntil && !steady(warm)) {  // the compiler changes the code
            long start = System.nanoTime();
            calls(perRepeat);
            took = System.nanoTime() - start;
            all += perRepeat;
            warm.add((double) took / perRepeat);
            if (took < REPEAT_NS / 2) {
                perRepeat *= 2;
                warm.clear();
            }
        }
        do {
            long start = System.nanoTime();
            calls(perRepeat);
            took = System.nanoTime() - start;
            all += perRepeat;
            means.add((double) took / perRepeat);
        } while (System.nanoTime() + took < end && !(means.size() >= LEAST && narrow(means)));
        double share = (double) (cpu() - cpu) / Math.max(System.nanoTime() - begun, 1);
        StringBuilder said = new StringBuilder();
        said.append("first_s=").append(first / 1e9).append("\ncalls=").append(all).append("\ncpu_share=").append(share);
        said.append("\nmeans_s=");
        for (double mean : means) {
            said.append(mean / 1e9).append(' ');
        }
        return said.append('\n').toString();
    }

    static void calls(long count) throws Throwable {
        MethodHandle call = method;
        if (call.type().returnType() == long.class) {
            for (long i = 0; i < count; i++) {
                number += (long) call.invokeExact();
            }
            return;
        }
        for (long i = 0; i < count; i++) {
            object = (Object) call.invokeExact();
        }
    }

    static MethodHandle bound(Class<?> type, String name, Object[] values) throws Throwable {
        List<String> seen = new ArrayList<>();
        for (Method each : type.getDeclaredMethods()) {
            if (!each.getName().equals(name)) {
                continue;
            }
            seen.add((Modifier.isStatic(each.getModifiers()) ? "static " : "") + name + Arrays.toString(each.getParameterTypes()));
            if (!Modifier.isStatic(each.getModifiers()) || each.getParameterCount() != values.length) {
                continue;
            }
            Object[] given = new Object[values.length];
            try {
                for (int i = 0; i < values.length; i++) {
                    given[i] = as(values[i], each.getParameterTypes()[i]);
                }
            } catch (ClassCastException unlike) {
                continue;
            }
            each.setAccessible(true);
            MethodHandle found = MethodHandles.lookup().unreflect(each).asFixedArity();
            found = MethodHandles.insertArguments(found, 0, given);
            Class<?> result = each.getReturnType();
            boolean plain = result.isPrimitive() && result != void.class;
            MethodType wanted = MethodType.methodType(plain ? long.class : Object.class);
            return plain ? MethodHandles.explicitCastArguments(found, wanted) : found.asType(wanted);
        }
        throw new NoSuchMethodException("no static " + type.getName() + "." + name + " takes these " + values.length + " arguments; there is " + seen);
    }

    static Object as(Object value, Class<?> type) {
        if (value instanceof Number && (type.isPrimitive() || Number.class.isAssignableFrom(type))) {
            Number it = (Number) value;
            boolean whole = value instanceof Long;
            if (type == double.class || type == Double.class) return it.doubleValue();
            if (type == float.class || type == Float.class) return it.floatValue();
            if (!whole) throw new ClassCastException();
            if (type == int.class || type == Integer.class) return Math.toIntExact(it.longValue());
            if (type == long.class || type == Long.class) return it.longValue();
            if (type == short.class || type == Short.class) return it.shortValue();
            if (type == byte.class || type == Byte.class) return it.byteValue();
            throw new ClassCastException();
        }
        if (value instanceof Boolean && (type == boolean.class || type == Boolean.class)) return value;
        if (value instanceof String && (type == char.class || type == Character.class) && ((String) value).length() == 1) {
            return ((String) value).charAt(0);
        }
        if (value instanceof List && type.isArray()) {
            List<?> items = (List<?>) value;
            Object array = Array.newInstance(type.getComponentType(), items.size());
            for (int i = 0; i < items.size(); i++) {
                Array.set(array, i, as(items.get(i), type.getComponentType()));
            }
            return array;
        }
        return type.cast(value);
    }

    static Object value(Deque<String> request) {
        String line = request.pop(), rest = line.substring(1);
        switch (line.charAt(0)) {
            case 'i': return Long.valueOf(rest);
            case 'd': return Double.valueOf(rest);
            case 'b': return Boolean.valueOf(rest);
            case 's': return new String(Base64.getDecoder().decode(rest), StandardCharsets.UTF_8);
            case 'n': return null;
            default:
                List<Object> items = new ArrayList<>();
                for (int left = Integer.parseInt(rest); left > 0; left--) {
                    items.add(value(request));
                }
                return items;
        }
    }

    static long cpu() {  // with the time in which it was ready to run and had no processor
        long queued = 0;
        try {
            queued = Long.parseLong(Files.readString(Path.of("/proc/thread-self/schedstat")).split("\\s+")[1]);
        } catch (Exception unknown) {
            queued = 0;
        }
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() + queued;
    }

    static boolean steady(List<Double> means) {
        int size = means.size();
        if (size < 2 * STEADY) {
            return false;
        }
        double before = mean(means.subList(size - 2 * STEADY, size - STEADY)), now = mean(means.subList(size - STEADY, size));
        return Math.abs(now - before) <= LIKE * before;
    }

    static boolean narrow(List<Double> means) {
        double mean = mean(means), squares = 0;
        for (double each : means) {
            squares += (each - mean) * (each - mean);
        }
        return Z * Math.sqrt(squares / (means.size() - 1) / means.size()) <= NARROW * mean;
    }

    static double mean(List<Double> means) {
        return means.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }
}
