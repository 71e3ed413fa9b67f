import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.NoSuchElementException;
import javax.sql.DataSource;

/** Members and the renewals of their memberships. */
class RenewalService {
    private final DataSource dataSource;
    private final CardPayments payments;

    RenewalService(DataSource dataSource, CardPayments payments) {
        this.dataSource = dataSource;
        this.payments = payments;
    }

    record Member(long id, String name, String club, int feeCents) {
    }

    Member member(long id) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            return load(connection, id);
        }
    }

    String renew(long id) throws Exception {
        try (Connection connection = dataSource.getConnection()) {
            Member member = load(connection, id);
            String payment = payments.charge(id, member.feeCents());
            long renewal = store(connection, member, payment);
            return String.format("{\"renewal\":%d,\"member\":\"%s\",\"club\":\"%s\",\"cents\":%d}",
                    renewal, member.name(), member.club(), member.feeCents());
        }
    }

    private Member load(Connection connection, long id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT id, name, club, fee_cents FROM members WHERE id = ?")) {
            statement.setLong(1, id);
            ResultSet row = statement.executeQuery();
            if (!row.next()) {
                throw new NoSuchElementException("member " + id);
            }
            return new Member(row.getLong(1), row.getString(2), row.getString(3), row.getInt(4));
        }
    }

    private long store(Connection connection, Member member, String payment) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO renewals (member_id, cents, payment) VALUES (?, ?, ?) RETURNING id")) {
            statement.setLong(1, member.id());
            statement.setInt(2, member.feeCents());
            statement.setString(3, payment);
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getLong(1);
        }
    }
}
