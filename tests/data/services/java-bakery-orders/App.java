import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Orders of the bakery's shops. */
public class App {
    static class Orders extends HttpServlet {
        private final PriceList prices = new PriceList();
        private final OrderMetrics metrics;
        private final AtomicLong numbers = new AtomicLong(700_000);
        private final Deque<String> latest = new ArrayDeque<>();

        Orders(OrderMetrics metrics) {
            this.metrics = metrics;
        }

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String shop = request.getPathInfo() == null ? "" : request.getPathInfo().substring(1);
            Map<String, Integer> basket = new LinkedHashMap<>();
            for (String item : request.getParameterValues("item")) {
                String[] parts = item.split(":");
                basket.merge(parts[0], Integer.parseInt(parts[1]), Integer::sum);
            }
            String number = shop.toUpperCase() + "-" + numbers.incrementAndGet();
            long begun = System.nanoTime();
            List<PriceList.Line> lines = prices.price(basket);
            BigDecimal total = lines.stream().map(PriceList.Line::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
            metrics.quoted(shop, number, System.nanoTime() - begun);
            metrics.placed(shop, lines.stream().mapToInt(PriceList.Line::pieces).sum());
            remember(number);

            response.setStatus(201);
            response.setContentType("application/json");
            response.getWriter().printf("{\"order\":\"%s\",\"lines\":%d,\"total\":\"%s\"}%n", number, lines.size(), total);
        }

        private synchronized void remember(String number) {
            latest.addLast(number);
            if (latest.size() > 100) {
                latest.removeFirst();
            }
        }
    }

    public static void main(String[] args) throws Exception {
        OrderMetrics metrics = new OrderMetrics();
        Server server = new Server(new QueuedThreadPool(24, 6));
        ServerConnector connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(new ServletHolder(new Orders(metrics)), "/orders/*");
        context.addServlet(new ServletHolder(new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                response.getWriter().print("ok");
            }
        }), "/healthz");
        context.addServlet(new ServletHolder(new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                response.getWriter().print(metrics.report());
            }
        }), "/figures");
        server.setHandler(context);
        server.start();
        server.join();
    }
}
