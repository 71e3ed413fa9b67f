// Pub quiz league: tables, form and strong subjects of a division, as the league's site and its printed sheet show them.
package main

import (
	"cmp"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"net/http"
	_ "net/http/pprof"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/julienschmidt/httprouter"
	"golang.org/x/sync/errgroup"
)

type Team struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
	Pub  string `json:"pub"`
}

type Match struct {
	ID, Round, Home, Away int
	HomeScore, AwayScore  int
}

type Line struct {
	Team    Team               `json:"team"`
	Played  int                `json:"played"`
	Points  int                `json:"points"`
	For     int                `json:"for"`
	Against int                `json:"against"`
	Rating  float64            `json:"rating"`
	Form    string             `json:"form"`
	Best    map[string]float64 `json:"subjects"`
}

type League struct {
	db      *pgxpool.Pool
	key     []byte
	mu      sync.Mutex
	hits    map[int]int
	popular []int
	gzips   sync.Pool
}

func (l *League) teams(ctx context.Context, division int) ([]Team, error) {
	rows, err := l.db.Query(ctx, `SELECT id, name, pub FROM teams WHERE division = $1 ORDER BY id`, division)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Team])
}

func (l *League) matches(ctx context.Context, division, upTo int) ([]Match, error) {
	rows, err := l.db.Query(ctx, `SELECT id, round, home, away, home_score, away_score FROM matches
		WHERE division = $1 AND round <= $2 ORDER BY round, id`, division, upTo)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Match])
}

// subjects is the share of right answers of each team in each subject.
func (l *League) subjects(ctx context.Context, division int) (map[int]map[string]float64, error) {
	rows, err := l.db.Query(ctx, `SELECT a.team_id, a.category, sum(a.correct)::float8 / sum(a.asked) FROM matches m
		JOIN answers a ON a.match_id = m.id WHERE m.division = $1 AND m.round > 35 GROUP BY 1, 2`, division)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	shares := map[int]map[string]float64{}
	for rows.Next() {
		var team int
		var subject string
		var share float64
		if err := rows.Scan(&team, &subject, &share); err != nil {
			return nil, err
		}
		if shares[team] == nil {
			shares[team] = map[string]float64{}
		}
		shares[team][subject] = math.Round(share*1000) / 1000
	}
	return shares, rows.Err()
}

// rate plays the season again and again until the ratings no longer move much.
func rate(matches []Match, passes int) map[int]float64 {
	ratings := map[int]float64{}
	for pass := range passes {
		k := 24 / float64(1+pass)
		for _, m := range matches {
			h, a := ratings[m.Home], ratings[m.Away]
			want := 1 / (1 + math.Exp(-(h-a+30)/170))
			got := 0.5 + 0.5*math.Tanh(float64(m.HomeScore-m.AwayScore)/18)
			ratings[m.Home] = h + k*(got-want)
			ratings[m.Away] = a - k*(got-want)
		}
	}
	return ratings
}

func (t *Line) add(own, other int) {
	t.Played++
	t.For += own
	t.Against += other
	result := "L"
	switch {
	case own > other:
		t.Points += 3
		result = "W"
	case own == other:
		t.Points++
		result = "D"
	}
	if t.Form += result; len(t.Form) > 6 {
		t.Form = t.Form[1:]
	}
}

func (l *League) Table(ctx context.Context, division, upTo int) ([]*Line, error) {
	var teams []Team
	var matches []Match
	var subjects map[int]map[string]float64
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { teams, err = l.teams(ctx, division); return })
	g.Go(func() (err error) { matches, err = l.matches(ctx, division, upTo); return })
	g.Go(func() (err error) { subjects, err = l.subjects(ctx, division); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	ratings := rate(matches, 12)
	lines := make(map[int]*Line, len(teams))
	table := make([]*Line, 0, len(teams))
	for _, t := range teams {
		line := &Line{Team: t, Rating: math.Round(1500 + ratings[t.ID]), Best: subjects[t.ID]}
		lines[t.ID] = line
		table = append(table, line)
	}
	for _, m := range matches {
		lines[m.Home].add(m.HomeScore, m.AwayScore)
		lines[m.Away].add(m.AwayScore, m.HomeScore)
	}
	slices.SortFunc(table, func(a, b *Line) int {
		return cmp.Or(cmp.Compare(b.Points, a.Points), cmp.Compare(b.For-b.Against, a.For-a.Against), strings.Compare(a.Team.Name, b.Team.Name))
	})
	return table, nil
}

func (l *League) count(division int) {
	l.mu.Lock()
	l.hits[division]++
	l.mu.Unlock()
}

// rank keeps the list of the most read divisions.
func (l *League) rank() {
	for range time.Tick(500 * time.Millisecond) {
		l.mu.Lock()
		l.popular = l.popular[:0]
		for d := range l.hits {
			l.popular = append(l.popular, d)
		}
		slices.SortFunc(l.popular, func(a, b int) int { return cmp.Compare(l.hits[b], l.hits[a]) })
		l.mu.Unlock()
	}
}

func (l *League) table(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	division, err := strconv.Atoi(p.ByName("division"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	upTo, err := strconv.Atoi(r.URL.Query().Get("round"))
	if err != nil {
		upTo = 38
	}
	l.count(division)
	table, err := l.Table(r.Context(), division, upTo)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	l.send(w, r, map[string]any{"division": division, "round": upTo, "table": table})
}

func (l *League) mostRead(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	l.mu.Lock()
	list := slices.Clone(l.popular)
	l.mu.Unlock()
	l.send(w, r, list)
}

// send signs the body, so that the printers may trust it, and packs it for those who like that.
func (l *League) send(w http.ResponseWriter, r *http.Request, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	mac := hmac.New(sha256.New, l.key)
	mac.Write(body)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Signature", hex.EncodeToString(mac.Sum(nil)))
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Write(body)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	z := l.gzips.Get().(*gzip.Writer)
	defer l.gzips.Put(z)
	z.Reset(w)
	z.Write(body)
	z.Close()
}

func main() {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = 12
	db, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	l := &League{db: db, key: []byte("swan and bell"), hits: map[int]int{}}
	l.gzips.New = func() any { return gzip.NewWriter(nil) }
	for division := 1; division <= 12; division++ {
		if _, err := l.Table(context.Background(), division, 38); err != nil {
			log.Fatal(err)
		}
	}
	go l.rank()
	router := httprouter.New()
	router.GET("/divisions/:division/table", l.table)
	router.GET("/most-read", l.mostRead)
	router.GET("/healthz", func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) { fmt.Fprintln(w, "ok") })
	router.Handler(http.MethodGet, "/debug/pprof/*profile", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), router))
}
