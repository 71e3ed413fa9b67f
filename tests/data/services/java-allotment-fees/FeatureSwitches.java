package allotments;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.servlet.HandlerInterceptor;

/** Which features are on; the umbrella association decides centrally. */
@Component
class FeatureSwitches {
    private static final Map<String, Boolean> DEFAULTS = Map.of("online-payment", false, "winter-discount", true);
    private static final ParameterizedTypeReference<Map<String, Boolean>> SWITCHES = new ParameterizedTypeReference<>() { };

    private final RestClient client;

    FeatureSwitches(@Value("${switches.url}") String url) {
        SimpleClientHttpRequestFactory factory = new SimpleClientHttpRequestFactory();
        factory.setConnectTimeout(Duration.ofSeconds(1));
        factory.setReadTimeout(Duration.ofSeconds(3));
        this.client = RestClient.builder().baseUrl(url).requestFactory(factory).build();
    }

    Map<String, Boolean> current(String tenant) {
        try {
            return client.get().uri("/switches/{tenant}", tenant).retrieve().body(SWITCHES);
        } catch (RestClientException e) {
            return DEFAULTS;
        }
    }
}

/** Puts the switches where the controllers find them. */
class SwitchInterceptor implements HandlerInterceptor {
    private final FeatureSwitches switches;

    SwitchInterceptor(FeatureSwitches switches) {
        this.switches = switches;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        request.setAttribute("switches", switches.current("green-hill"));
        return true;
    }
}
