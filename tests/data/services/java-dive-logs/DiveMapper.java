package dives;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Many;
import org.apache.ibatis.annotations.One;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Result;
import org.apache.ibatis.annotations.Results;
import org.apache.ibatis.annotations.Select;

/** The log book's tables. */
public interface DiveMapper {
    class Site {
        public int id;
        public String name;
        public String water;
        public int maxDepth;
    }

    class Buddy {
        public int id;
        public String name;
        public String grade;
    }

    class Cylinder {
        public int litres;
        public int oxygen;
        public int barIn;
        public int barOut;

        double used() {
            return litres * (double) (barIn - barOut);
        }
    }

    class Dive {
        public int id;
        public LocalDate divedOn;
        public String diver;
        public int minutes;
        public double depth;
        public Site site;
        public List<Buddy> buddies = new ArrayList<>();
        public List<Cylinder> cylinders = new ArrayList<>();
    }

    class Club {
        public int id;
        public String name;
        public int divers;
    }

    @Select("SELECT c.id, c.name, count(d.id) AS divers FROM clubs c LEFT JOIN divers d ON d.club_id = c.id "
            + "WHERE c.id = #{id} GROUP BY c.id")
    Club club(int id);

    @Select("SELECT v.id, v.site_id, v.dived_on, d.name AS diver, v.minutes, v.depth FROM dives v "
            + "JOIN divers d ON d.id = v.diver_id WHERE v.club_id = #{club} AND v.dived_on >= #{from} AND v.dived_on < #{until} "
            + "ORDER BY v.dived_on, v.id")
    @Results(id = "dive", value = {
        @Result(property = "id", column = "id", id = true),
        @Result(property = "site", column = "site_id", one = @One(select = "site")),
        @Result(property = "buddies", column = "id", many = @Many(select = "buddiesOf")),
        @Result(property = "cylinders", column = "id", many = @Many(select = "cylindersOf"))
    })
    List<Dive> between(@Param("club") int club, @Param("from") LocalDate from, @Param("until") LocalDate until);

    @Select("SELECT id, name, water, max_depth FROM sites WHERE id = #{id}")
    Site site(int id);

    @Select("SELECT d.id, d.name, d.grade FROM dive_buddies b JOIN divers d ON d.id = b.diver_id WHERE b.dive_id = #{id} ORDER BY d.name")
    List<Buddy> buddiesOf(int id);

    @Select("SELECT litres, oxygen, bar_in, bar_out FROM cylinders WHERE dive_id = #{id} ORDER BY id")
    List<Cylinder> cylindersOf(int id);

    @Insert("INSERT INTO dive_buddies (dive_id, diver_id) VALUES (#{dive}, #{diver}) ON CONFLICT DO NOTHING")
    int addBuddy(@Param("dive") int dive, @Param("diver") int diver);
}
