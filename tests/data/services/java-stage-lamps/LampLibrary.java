import java.util.HashMap;
import java.util.Map;

/** The makers' photometric files, as text in the manner of IES LM-63. */
class LampLibrary {

    private final Map<String, String> files = new HashMap<>();

    LampLibrary(int models) {
        for (int m = 0; m < models; m++) {
            files.put("LX-" + (100 + m), file("LX-" + (100 + m), 4 + m % 9, 2000 + m * 450));
        }
    }

    private static String file(String model, int beam, int peak) {
        StringBuilder text = new StringBuilder("IESNA:LM-63-2002\n[LUMCAT] ").append(model).append("\nTILT=NONE\n1 1000 1.0 91 144\n");
        for (int h = 0; h < 144; h++) {
            for (int v = 0; v <= 90; v++) {
                double candela = peak * Math.pow(Math.cos(Math.toRadians(v)), beam) * (1 + 0.05 * Math.sin(h * 0.15));
                text.append(String.format(java.util.Locale.ROOT, v % 10 == 9 ? "%.2f\n" : "%.2f ", candela));
            }
            text.append('\n');
        }
        return text.toString();
    }

    String text(String model) {
        return files.get(model);
    }
}
