package bees;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class Catalogue {

    record Article(String id, String name, String shelf, int cents, int grams) {
    }

    private static final String[] SHELVES = {"hives", "frames", "wax", "clothes", "honey", "feed"};
    private static final String[] KINDS = {"Dadant", "Zander", "Langstroth", "Warre", "National"};

    private final Map<String, Article> articles = new HashMap<>();

    Catalogue(int size) {
        for (int i = 0; i < size; i++) {
            String shelf = SHELVES[i % SHELVES.length];
            String id = shelf.charAt(0) + "" + (1000 + i);
            articles.put(id, new Article(id, KINDS[i % KINDS.length] + " " + shelf + " no. " + i, shelf,
                    490 + i * 97 % 30_000, 150 + i * 613 % 26_000));
        }
    }

    Article article(String id) {
        return articles.get(id);
    }

    Collection<Article> shelf(String shelf) {
        return articles.values().stream().filter(a -> a.shelf().equals(shelf)).toList();
    }

    List<String> shelves() {
        return List.of(SHELVES);
    }
}
