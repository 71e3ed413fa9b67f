package choir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The singers as rows, the way the membership office exports them. */
public class Singers {
    private static final String[] GIVEN = {"Zoë", "Marek", "Ann-Sofie", "José", "Bríd", "Tomasz", "Noor", "Léa"};
    private static final String[] FAMILY = {"van der Berg", "Őry", "MacLeod", "Núñez", "Weiß", "Okafor", "Dąbrowski"};
    private static final String[] VOICES = {"SOPRANO", "ALTO", "TENOR", "BASS"};

    private final Map<String, List<Map<String, Object>>> choirs = new HashMap<>();

    public Singers() {
        for (String choir : List.of("cathedral", "harbour", "youth")) {
            List<Map<String, Object>> rows = new ArrayList<>();
            for (int i = 0; i < 1400; i++) {
                Map<String, Object> row = new HashMap<>();
                row.put("id", "10" + (10_000 + i));
                row.put("given_name", GIVEN[i % GIVEN.length]);
                row.put("family_name", FAMILY[i % FAMILY.length] + "-" + FAMILY[i * 3 % FAMILY.length]);
                row.put("voice", VOICES[i % 4]);
                row.put("born", String.format("%d-%02d-%02d", 1940 + i % 60, 1 + i % 12, 1 + i % 28));
                row.put("fee", (20 + i % 80) + "." + (10 + i % 90));
                row.put("street", (i % 300) + " Quay Street");
                row.put("attended", i * 17L);
                rows.add(row);
            }
            choirs.put(choir, rows);
        }
    }

    public List<Map<String, Object>> rows(String choir) {
        return choirs.getOrDefault(choir, List.of());
    }
}
