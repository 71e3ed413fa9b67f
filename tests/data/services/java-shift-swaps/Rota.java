package shifts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who works when, and what each nurse's plan allows. */
class Rota {

    private static final int MAX_HOURS = 60;
    private static final int KEPT_ENTRIES = 400;

    static class Nurse {
        final String name;
        private final Map<String, Shift> plan = new LinkedHashMap<>();
        private final Deque<String> log = new ArrayDeque<>();
        private int swaps;

        Nurse(String name) {
            this.name = name;
        }

        synchronized void take(Shift shift) {
            plan.put(shift.id, shift);
        }

        synchronized void leave(Shift shift) {
            plan.remove(shift.id);
        }

        synchronized int hours() {
            int hours = 0;
            for (Shift shift : plan.values()) {
                hours += shift.hours;
            }
            return hours;
        }

        synchronized int swaps() {
            return swaps;
        }

        synchronized void note(String entry) {
            swaps++;
            log.addLast(Instant.now() + " " + entry);
            while (log.size() > KEPT_ENTRIES) {
                log.removeFirst();
            }
        }

        /** Hours of rest that the plan leaves, at the least, when one shift is given for another. */
        synchronized int shortestRest(Shift given, Shift taken) {
            List<Shift> shifts = new ArrayList<>(plan.values());
            shifts.remove(given);
            shifts.add(taken);
            shifts.sort(Comparator.comparingInt((Shift s) -> s.begins));
            int rest = Integer.MAX_VALUE;
            for (int i = 1; i < shifts.size(); i++) {
                Shift before = shifts.get(i - 1);
                rest = Math.min(rest, shifts.get(i).begins - before.begins - before.hours);
            }
            return rest;
        }
    }

    static class Shift {
        final String id;
        final String ward;
        final int begins;
        final int hours;
        private volatile Nurse holder;

        Shift(String id, String ward, int begins, int hours) {
            this.id = id;
            this.ward = ward;
            this.begins = begins;
            this.hours = hours;
        }

        Nurse holder() {
            return holder;
        }
    }

    /** Every swap as a line, for the staff office. */
    static class Journal {
        private final Path file;

        Journal(Path file) {
            this.file = file;
        }

        void record(Shift early, Shift late) {
            String line = String.format("%s;%s;%s;%s;%s%n", Instant.now(), early.id, early.holder().name, late.id,
                    late.holder().name);
            try {
                Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND,
                        StandardOpenOption.DSYNC);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final Journal journal = new Journal(Path.of("swaps.csv"));
    private final Map<String, Shift> shifts = new LinkedHashMap<>();
    private final List<Nurse> nurses = new ArrayList<>();

    Rota(int staff, int days) {
        String[] wards = {"A1", "A2", "B1", "ICU", "ER"};
        for (int i = 0; i < staff; i++) {
            nurses.add(new Nurse("nurse-" + (100 + i)));
        }
        for (int day = 0; day < days; day++) {
            for (int i = 0; i < staff; i++) {
                if ((i + day) % 3 == 2) {
                    continue;
                }
                boolean late = i % 2 == 1;
                Shift shift = new Shift(day + "-" + (late ? "L" : "E") + i, wards[i % wards.length],
                        day * 24 + (late ? 13 : 6), 7);
                assign(shift, nurses.get(i));
                shifts.put(shift.id, shift);
            }
        }
    }

    private static void assign(Shift shift, Nurse nurse) {
        shift.holder = nurse;
        nurse.take(shift);
    }

    Shift shift(String id) {
        return shifts.get(id);
    }

    List<Nurse> busiest(int top) {
        return nurses.stream().sorted(Comparator.comparingInt((Nurse n) -> -n.hours())).limit(top).toList();
    }

    /** Exchanges the holders of two shifts; returns why not, or null. */
    String swap(Shift early, Shift late) {
        Nurse giving = early.holder();
        Nurse taking = late.holder();
        synchronized (giving) {
            synchronized (taking) {
                if (early.holder() != giving || late.holder() != taking) {
                    return swap(early, late);
                }
                if (giving == taking) {
                    return "both shifts are " + giving.name + "'s";
                }
                if (giving.hours() - early.hours + late.hours > MAX_HOURS * 2
                        || taking.hours() - late.hours + early.hours > MAX_HOURS * 2) {
                    return "too many hours";
                }
                if (giving.shortestRest(early, late) < 0 || taking.shortestRest(late, early) < 0) {
                    return "the shifts would overlap";
                }
                giving.leave(early);
                taking.leave(late);
                assign(early, taking);
                assign(late, giving);
                giving.note("gave " + early.id + " for " + late.id);
                taking.note("gave " + late.id + " for " + early.id);
                journal.record(early, late);
                return null;
            }
        }
    }
}
