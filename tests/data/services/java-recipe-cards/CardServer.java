import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Recipe cards of a cookery school: courses, their recipes, and printable cards in the pupil's units. */
public class CardServer {

    public record Ingredient(String name, double grams, String note) {}

    public record Recipe(int id, String title, String intro, int minutes, List<Ingredient> ingredients, List<String> steps) {}

    static class Cookbook {
        private static final String[] FOODS = {"flour", "butter", "plain yoghurt", "leek", "saffron", "brown lentils", "cream",
            "crème fraîche", "jalapeño", "veal stock", "lemon zest", "smoked haddock"};
        private static final String[] VERBS = {"Fold in", "Sweat", "Reduce", "Whisk", "Season", "Rest", "Blanch"};
        private final Map<String, List<Recipe>> courses = new TreeMap<>();

        Cookbook() {
            Random random = new Random(404);
            int id = 0;
            for (String course : List.of("basics", "pastry", "winter", "coast")) {
                List<Recipe> recipes = new ArrayList<>();
                for (int i = 0; i < 110; i++) {
                    List<Ingredient> ingredients = new ArrayList<>();
                    for (int k = 0; k < 4; k++) {
                        ingredients.add(new Ingredient(FOODS[random.nextInt(FOODS.length)], 5 + random.nextInt(600),
                                k % 3 == 0 ? "at room temperature" : ""));
                    }
                    List<String> steps = new ArrayList<>();
                    for (int k = 0; k < 4; k++) {
                        steps.add(VERBS[random.nextInt(VERBS.length)] + " the " + FOODS[random.nextInt(FOODS.length)]
                                + " for " + (2 + random.nextInt(25)) + " min at " + (90 + 10 * random.nextInt(14)) + "°C");
                    }
                    String title = FOODS[random.nextInt(FOODS.length)] + " & " + FOODS[random.nextInt(FOODS.length)];
                    recipes.add(new Recipe(++id, title, i % 2 == 0 ? "From the school's own files." : "<p>A dish of <b>" + title + "</b> for <i onclick=\"x()\">cold</i> days.</p>",
                            20 + random.nextInt(90), ingredients, steps));
                }
                courses.put(course, recipes);
            }
        }

        List<Recipe> course(String name) {
            List<Recipe> recipes = courses.get(name);
            if (recipes == null) {
                throw new NotFoundResponse("no course " + name);
            }
            return recipes;
        }
    }

    private final Cookbook book = new Cookbook();
    private final ObjectMapper json = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    private final CardPipeline pipeline = new CardPipeline(json);

    void cards(Context ctx) throws Exception {
        Map<?, ?> wish = json.readValue(ctx.body(), Map.class);
        String units = String.valueOf(wish.get("units"));
        int servings = wish.get("servings") instanceof Number n ? n.intValue() : 4;
        List<Map<String, Object>> cards = new ArrayList<>();
        for (Recipe recipe : book.course(ctx.pathParam("course"))) {
            cards.add(pipeline.card(recipe, new CardPipeline.Wish(units, servings)));
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("course", ctx.pathParam("course"));
        answer.put("cards", cards);
        ctx.contentType("application/json").result(json.writeValueAsBytes(answer));
    }

    void titles(Context ctx) throws Exception {
        List<String> titles = book.course(ctx.pathParam("course")).stream().map(Recipe::title).toList();
        ctx.contentType("application/json").result(json.writeValueAsBytes(titles));
    }

    public static void main(String[] args) {
        CardServer server = new CardServer();
        Javalin.create(config -> config.showJavalinBanner = false)
                .get("/healthz", ctx -> ctx.result("ok"))
                .get("/courses/{course}", server::titles)
                .post("/courses/{course}/cards", server::cards)
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
