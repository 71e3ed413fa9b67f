import freemarker.cache.MruCacheStorage;
import freemarker.cache.StringTemplateLoader;
import freemarker.template.Configuration;
import freemarker.template.Template;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The care cards that hang on the plants. The gardeners keep a text of their own for each variety. */
class CareCards {
    private static final String[] SOILS = {"loam", "clay with compost", "sandy soil", "chalk", "leaf mould"};
    private static final String[] FEEDS = {"bone meal", "rose feed", "seaweed", "well rotted manure"};
    private static final String[] MONTHS = {"January", "February", "March", "April", "May", "June", "July", "August",
        "September", "October", "November", "December"};

    private final StringTemplateLoader texts = new StringTemplateLoader();
    private final Configuration templates = new Configuration(Configuration.VERSION_2_3_32);

    CareCards(Stock stock) {
        templates.setTemplateLoader(texts);
        templates.setDefaultEncoding("UTF-8");
        templates.setLocale(Locale.UK);
        templates.setLocalizedLookup(false);
        templates.setNumberFormat("0.##");
        templates.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
        templates.setTemplateUpdateDelayMilliseconds(60_000);
        templates.setCacheStorage(new MruCacheStorage(50, 0));
        texts.putTemplate("price.ftl", "<p class=price>&pound;${rose.price?string('0.00')}"
                + "<#if rose.potted> in a ${rose.litres} litre pot<#else> bare root</#if></p>\n");
        texts.putTemplate("footer.ftl", "<footer>${nursery} &middot; ${season}</footer>\n");
        for (Stock.Rose rose : stock.all()) {
            texts.putTemplate(nameOf(rose), text(rose));
        }
    }

    private static String nameOf(Stock.Rose rose) {
        return "cards/" + rose.getCode() + ".ftl";
    }

    /** Writes one card for each rose. */
    String print(String bed, List<Stock.Rose> roses, String season) throws IOException {
        StringWriter page = new StringWriter(64 * 1024);
        page.append("<!doctype html><title>Bed ").append(bed).append("</title>\n");
        for (Stock.Rose rose : roses) {
            card(rose, season, page);
        }
        return page.toString();
    }

    void card(Stock.Rose rose, String season, Writer out) throws IOException {
        Template template = templates.getTemplate(nameOf(rose));
        try {
            template.process(Map.of("rose", rose, "season", season, "nursery", "Thornfield Roses"), out);
        } catch (TemplateException e) {
            throw new IOException("card of " + rose.getCode(), e);
        }
    }

    /** The text as the editor saves it: notes by season, then the advice of the variety. */
    private static String text(Stock.Rose rose) {
        int n = rose.getCode().hashCode() & 0xffff;
        StringBuilder b = new StringBuilder("<#-- ").append(rose.getName()).append(" -->\n<article>\n");
        b.append("<h2>${rose.name?html}<#if rose.scent gt 6> <em>scented</em></#if></h2>\n");
        b.append("<p>Height ${rose.height} cm, plant ${rose.height / 2} cm apart in ").append(SOILS[n % 5]).append(".</p>\n");
        for (int month = 0; month < 12; month += 3) {
            b.append("<#if season == '").append(MONTHS[month]).append("'>\n");
            b.append("<#assign dose = rose.height * ").append(1 + (n >> month & 3)).append(" / 10>\n");
            b.append("<ul><li>").append(MONTHS[month]).append(": give ${dose?round} g of ").append(FEEDS[(n + month) % 4])
                    .append("<#if rose.potted> to each ${rose.litres} litre pot</#if>.</li>\n");
            b.append("<#if (rose.height gt 120 && rose.scent lt 9) || rose.climbs><li>Tie in shoots longer than "
                    + "${(rose.height * 0.4)?round} cm.</li><#else><li>No ties needed.</li></#if>\n");
            b.append("<#switch rose.hardiness><#case 7><li>Needs no cover.</li><#break><#case 6><li>Cover below -15.</li>"
                    + "<#break><#default><li>Cover with fleece.</li></#switch></ul>\n");
            b.append("</#if>\n");
        }
        b.append("<#include '/price.ftl'>\n<#include '/footer.ftl'>\n</article>\n");
        return b.toString();
    }
}
