package courts;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.net.URI;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.annotations.Update;
import org.apache.ibatis.mapping.Environment;
import org.apache.ibatis.session.Configuration;
import org.apache.ibatis.session.SqlSession;
import org.apache.ibatis.session.SqlSessionFactory;
import org.apache.ibatis.session.SqlSessionFactoryBuilder;
import org.apache.ibatis.transaction.jdbc.JdbcTransactionFactory;

class Bookings {

    public record Booking(long id, int court, String day, int hour, int cents) {
    }

    public record Slot(Integer court, LocalDate day, Integer hour) {
    }

    public record Member(Integer id, Integer level, Boolean blocked) {
    }

    interface Store {
        @Update("LOCK TABLE bookings IN SHARE ROW EXCLUSIVE MODE")
        void reserve();

        @Select("SELECT id, level, blocked FROM members WHERE id = #{member}")
        Member member(int member);

        @Select("""
                SELECT c.id AS court, d.day, o.hour
                FROM courts c
                JOIN opening o ON o.club_id = c.club_id
                JOIN calendar d ON d.day BETWEEN current_date + 1 AND current_date + 84
                WHERE c.club_id = #{club} AND c.kind = #{kind} AND NOT d.closed
                  AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.court_id = c.id AND b.day = d.day AND b.hour = o.hour)
                ORDER BY abs(o.hour - 18), d.day, c.id LIMIT 1""")
        Slot firstFree(@Param("club") int club, @Param("kind") String kind);

        @Select("SELECT count(*) FROM bookings WHERE member_id = #{member} AND day > current_date")
        int hoursAhead(int member);

        @Select("SELECT cents FROM tariffs WHERE kind = #{kind} AND level = #{level}")
        Integer tariff(@Param("kind") String kind, @Param("level") int level);

        @Select(value = "INSERT INTO bookings (court_id, member_id, day, hour) VALUES (#{slot.court}, #{member}, "
                + "#{slot.day}, #{slot.hour}) RETURNING id", affectData = true)
        long insert(@Param("slot") Slot slot, @Param("member") int member);

        @Insert("INSERT INTO charges (booking_id, member_id, cents) VALUES (#{booking}, #{member}, #{cents})")
        void charge(@Param("booking") long booking, @Param("member") int member, @Param("cents") int cents);

        @Select("SELECT b.id, b.court_id AS court, b.hour, m.name FROM bookings b JOIN courts c ON c.id = b.court_id "
                + "JOIN members m ON m.id = b.member_id WHERE c.club_id = #{club} AND b.day = #{day} ORDER BY b.hour, b.court_id")
        List<Map<String, Object>> ofDay(@Param("club") int club, @Param("day") LocalDate day);
    }

    private final SqlSessionFactory sessions;

    Bookings(String databaseUrl) {
        URI url = URI.create(databaseUrl);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        config.setUsername(url.getUserInfo());
        config.setMaximumPoolSize(20);
        config.setAutoCommit(false);
        Configuration configuration = new Configuration(
                new Environment("courts", new JdbcTransactionFactory(), new HikariDataSource(config)));
        configuration.addMapper(Store.class);
        sessions = new SqlSessionFactoryBuilder().build(configuration);
    }

    /** Books the free hour nearest to the evening, in the next twelve weeks. */
    Booking bookNext(int club, int memberId, String kind) {
        try (SqlSession session = sessions.openSession()) {
            Store store = session.getMapper(Store.class);
            store.reserve();
            Member member = store.member(memberId);
            if (member == null || member.blocked()) {
                return null;
            }
            Slot slot = store.firstFree(club, kind);
            if (slot == null) {
                return null;
            }
            int cents = price(store, member, kind, slot);
            long id = store.insert(slot, memberId);
            store.charge(id, memberId, cents);
            session.commit();
            return new Booking(id, slot.court(), slot.day().toString(), slot.hour(), cents);
        }
    }

    private static int price(Store store, Member member, String kind, Slot slot) {
        int cents = store.tariff(kind, member.level());
        boolean peak = slot.hour() >= 17 && slot.hour() < 21;
        boolean regular = store.hoursAhead(member.id()) >= 6;
        return (peak ? cents * 5 / 4 : cents) * (regular ? 9 : 10) / 10;
    }

    List<Map<String, Object>> ofDay(int club, LocalDate day) {
        try (SqlSession session = sessions.openSession()) {
            return session.getMapper(Store.class).ofDay(club, day);
        }
    }
}
