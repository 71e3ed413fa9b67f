package franking;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The prepaid accounts of the senders. */
final class Accounts {

    static final class Unknown extends RuntimeException {
    }

    private static final class Account {
        long pence;
        long sheet;
        final Deque<String> dockets = new ArrayDeque<>();
    }

    private static final int KEPT_DOCKETS = 200;
    private static final long TOP_UP = 5_000_000;

    private final Map<String, Account> accounts = new ConcurrentHashMap<>();
    private final Franking.Carrier carrier;

    Accounts(Franking.Carrier carrier) {
        this.carrier = carrier;
        for (int i = 1; i <= 400; i++) {
            Account account = new Account();
            account.pence = TOP_UP;
            accounts.put("NHB-" + i, account);
        }
    }

    /** Charges a mailing; two mailings of one sender must not spend the same money. */
    Map<String, Object> charge(String number, Franking.Mailing mailing) throws IOException {
        int price = mailing.price();
        synchronized (number.intern()) {
            Account account = find(number);
            if (account.pence < price) {
                account.pence += TOP_UP;
            }
            String docket = carrier.announce(number, mailing);
            account.pence -= price;
            account.dockets.addLast(docket);
            if (account.dockets.size() > KEPT_DOCKETS) {
                account.dockets.removeFirst();
            }
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("account", number);
            answer.put("sheet", ++account.sheet);
            answer.put("docket", docket);
            answer.put("price", price);
            answer.put("left", account.pence);
            return answer;
        }
    }

    long balance(String number) {
        synchronized (number.intern()) {
            return find(number).pence;
        }
    }

    private Account find(String number) {
        Account account = accounts.get(number);
        if (account == null) {
            throw new Unknown();
        }
        return account;
    }
}
