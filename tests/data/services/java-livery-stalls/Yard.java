import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The stalls of a livery yard and who stands in them. */
class Yard {

    record Guest(String horse, double hands, String temper, LocalDate leaves) {
    }

    record Choice(int stall, double score) {
    }

    private final Map<Integer, Guest> guests = new HashMap<>();
    private final Fodder fodder;
    private final double[] widths;
    private final int perRow;
    private LocalDate today = LocalDate.of(2026, 11, 1);
    private int arrivals;

    Yard(int rows, int perRow, Fodder fodder) {
        this.perRow = perRow;
        this.fodder = fodder;
        widths = new double[rows * perRow];
        String[] tempers = {"calm", "lively", "stallion", "old"};
        for (int i = 0; i < widths.length; i++) {
            widths[i] = 3.0 + i * 7 % 11 * 0.12;
            if (i % 3 != 0) {
                guests.put(i, new Guest("Horse " + i, 13 + i % 5 * 0.9, tempers[i % 4], today.plusDays(1 + i % 12)));
            }
        }
        fodder.feeds(this);
    }

    /** Puts a horse into the stall that suits it best, or answers null if the yard is full. */
    synchronized Choice assign(String horse, double hands, String temper, int nights) {
        Choice choice = best(hands, temper);
        if (choice != null) {
            Guest guest = new Guest(horse, hands, temper, today.plusDays(nights));
            guests.put(choice.stall(), guest);
            fodder.reserve(guest, nights);
            if (++arrivals % 12 == 0) {
                today = today.plusDays(1);
                guests.values().removeIf(g -> !g.leaves().isAfter(today));
            }
        }
        return choice;
    }

    private Choice best(double hands, String temper) {
        Choice best = null;
        for (int stall = 0; stall < widths.length; stall++) {
            double room = widths[stall] - 2.4 - hands * 0.06;
            if (!guests.containsKey(stall) && room >= 0) {
                double score = peace(stall, temper) - room;
                if (best == null || score > best.score()) {
                    best = new Choice(stall, score);
                }
            }
        }
        return best;
    }

    /** How well a temper goes with those that stand around a stall. */
    private double peace(int stall, String temper) {
        double peace = 0;
        for (Guest guest : neighbours(stall)) {
            if (guest.temper().equals("stallion") || temper.equals("stallion")) {
                peace -= 2;
            } else if (guest.temper().equals(temper)) {
                peace += 0.5;
            }
        }
        return peace;
    }

    synchronized List<Guest> neighbours(int stall) {
        List<Guest> found = new ArrayList<>();
        for (int row = -2; row <= 2; row++) {
            for (int side = -2; side <= 2; side++) {
                Guest guest = guests.get(stall + row * perRow + side);
                if (guest != null && (row != 0 || side != 0)) {
                    found.add(guest);
                }
            }
        }
        return found;
    }

    synchronized Guest guest(int stall) {
        return guests.get(stall);
    }

    synchronized int free() {
        return widths.length - guests.size();
    }

    /** Kilograms of hay that those who stand here eat in a day. */
    synchronized double hayPerDay() {
        return guests.values().stream().mapToDouble(Fodder::hayPerDay).sum();
    }
}

/** The loft: what hay there is, and what has been ordered. */
class Fodder {
    private static final int DAYS_IN_STORE = 9;
    private static final double BALE = 240;
    private Yard yard;
    private double kilograms = 120_000;
    private double reserved;
    private int ordered;

    static double hayPerDay(Yard.Guest guest) {
        return guest.hands() * 0.62 * (guest.temper().equals("old") ? 0.85 : 1);
    }

    synchronized void feeds(Yard fed) {
        yard = fed;
    }

    synchronized void reserve(Yard.Guest guest, int nights) {
        double needed = hayPerDay(guest) * nights;
        reserved += needed;
        kilograms -= needed;
    }

    /** Orders bales if the loft does not last; the number of bales. */
    synchronized int orderIfLow() {
        double wanted = yard.hayPerDay() * DAYS_IN_STORE - kilograms;
        int bales = wanted > 0 ? (int) Math.ceil(wanted / BALE) : 0;
        kilograms += bales * BALE;
        ordered += bales;
        return bales;
    }

    synchronized String stock() {
        return String.format(java.util.Locale.ROOT, "{\"kilograms\":%.0f,\"reserved\":%.0f,\"ordered\":%d}", kilograms, reserved, ordered);
    }
}
