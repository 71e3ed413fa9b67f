// Mountain guides: peaks, their routes, and the conditions that guides reported lately.
package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"net/http"
	"net/http/pprof"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

type Report struct {
	ID     int       `json:"id"`
	Route  string    `json:"route"`
	Grade  string    `json:"grade"`
	Guide  string    `json:"guide"`
	Made   time.Time `json:"made"`
	Text   string    `json:"text"`
	Tags   []string  `json:"tags"`
	Weight float64   `json:"weight"`
}

type Peak struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Height int    `json:"height_m"`
}

type Page struct {
	Peak    Peak           `json:"peak"`
	Reports []Report       `json:"reports"`
	Tags    map[string]int `json:"tags"`
	Visits  int            `json:"visits"`
	Print   string         `json:"print"`
}

var tagWords = regexp.MustCompile(`(?i)\b(snow|ice|rockfall|wet|dry|crowded|rope|crevasse)\b`)

type cached struct {
	peak  Peak
	until time.Time
}

type Guides struct {
	db      *sql.DB
	reports *sql.Stmt

	mu     sync.Mutex
	visits map[int]int
	peaks  map[int]cached

	decay [4000]float64
}

func openGuides(ctx context.Context, url string) (*Guides, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	g := &Guides{db: db, visits: map[int]int{}, peaks: map[int]cached{}}
	g.reports, err = db.PrepareContext(ctx, `SELECT r.id, t.name, t.grade, r.guide, r.made, r.text FROM reports r
		JOIN routes t ON t.id = r.route_id WHERE r.peak_id = $1 AND r.made >= $2 ORDER BY r.made DESC LIMIT 240`)
	if err != nil {
		return nil, err
	}
	g.calibrate()
	return g, nil
}

// calibrate fits how fast a report loses its worth, day by day.
func (g *Guides) calibrate() {
	for day := range g.decay {
		sum := 0.0
		for step := 1; step < 12000; step++ {
			sum += math.Exp(-float64(day)/float64(30+step%60)) / 12000
		}
		g.decay[day] = sum
	}
}

// peak is kept for two seconds, as heights and names hardly change.
func (g *Guides) peak(ctx context.Context, id int) (Peak, int, error) {
	g.mu.Lock()
	g.visits[id]++
	visits, c := g.visits[id], g.peaks[id]
	g.mu.Unlock()
	if time.Now().Before(c.until) {
		return c.peak, visits, nil
	}
	p := Peak{ID: id}
	err := g.db.QueryRowContext(ctx, `SELECT name, height FROM peaks WHERE id = $1`, id).Scan(&p.Name, &p.Height)
	if err != nil {
		return p, visits, err
	}
	g.mu.Lock()
	g.peaks[id] = cached{peak: p, until: time.Now().Add(2 * time.Second)}
	g.mu.Unlock()
	return p, visits, nil
}

func tags(text string) []string {
	found := tagWords.FindAllString(text, -1)
	for i := range found {
		found[i] = strings.ToLower(found[i])
	}
	return found
}

func (g *Guides) Page(ctx context.Context, id int, since time.Time) (*Page, error) {
	peak, visits, err := g.peak(ctx, id)
	if err != nil {
		return nil, err
	}
	rows, err := g.reports.QueryContext(ctx, id, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	page := &Page{Peak: peak, Visits: visits, Tags: map[string]int{}}
	digest := sha256.New()
	for rows.Next() {
		var r Report
		if err := rows.Scan(&r.ID, &r.Route, &r.Grade, &r.Guide, &r.Made, &r.Text); err != nil {
			return nil, err
		}
		r.Tags = tags(r.Text)
		for _, tag := range r.Tags {
			page.Tags[tag]++
		}
		age := int(r.Made.Sub(since).Hours() / 24)
		r.Weight = g.decay[min(max(age, 0), len(g.decay)-1)]
		fmt.Fprintf(digest, "%d %s %.4f\n", r.ID, r.Text, r.Weight)
		page.Reports = append(page.Reports, r)
	}
	page.Print = hex.EncodeToString(digest.Sum(nil))
	return page, rows.Err()
}

func (g *Guides) handlePage(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	since, err := time.Parse(time.DateOnly, r.URL.Query().Get("since"))
	if err != nil {
		since = time.Now().AddDate(0, -1, 0)
	}
	page, err := g.Page(r.Context(), id, since)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		http.NotFound(w, r)
	case err != nil:
		log.Print(err)
		http.Error(w, "internal error", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(page)
	}
}

func main() {
	g, err := openGuides(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /peaks/{id}", g.handlePage)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
