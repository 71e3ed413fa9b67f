import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Units of work: all or nothing. */
class Work {

    interface Unit<T> {
        T with(Connection connection) throws Exception;
    }

    private final DataSource source;

    Work(DataSource source) {
        this.source = source;
    }

    <T> T transaction(Unit<T> unit) throws Exception {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T result = unit.with(connection);
                connection.commit();
                return result;
            } catch (Exception problem) {
                rollback(connection, problem);
                throw problem;
            }
        }
    }

    private static void rollback(Connection connection, Exception problem) {
        try {
            connection.rollback();
        } catch (SQLException second) {
            problem.addSuppressed(second);
        }
    }
}
