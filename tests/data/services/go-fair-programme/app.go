// Trade fairs: the programme of talks and workshops as visitors see it.
package main

import (
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"log"
	"math/big"
	"net/http"
	"os"
	"sort"
	"strings"
	"sync"
	"time"
	_ "time/tzdata"
)

type Session struct {
	Number   int
	Title    string
	Text     string
	Starts   string
	Length   string
	Room     string
	Speakers string
	Tags     string
	Fee      string
	Contact  string
	Link     string
	Extra    string
}

// View is what a visitor's wishes and the fair's rules come to.
type View struct {
	fair string
	zone *time.Location
	vat  *big.Rat
	key  []byte
}

type Programme struct {
	Fair    string         `json:"fair"`
	Days    map[string]int `json:"days"`
	Entries []*Entry       `json:"entries"`
	feed    []byte
}

func sessionsOf(fair string, count int) []Session {
	topics := []string{"gluing oak & ash", "drying kilns (part II)", "old saws, new teeth", "veneers for boats", "the price of pine", "dust and lungs"}
	people := []string{"Ada Koch", "Bo Lind", "Cy Marsh", "Di Novak", "Ed Ortega", "Flo Prinz", "Gus Quist"}
	begin := time.Date(2024, 4, 11, 9, 0, 0, 0, time.FixedZone("", 3600))
	list := make([]Session, count)
	for i := range list {
		a, b := people[i%len(people)], people[(i*3+1)%len(people)]
		list[i] = Session{
			Number: i + 1,
			Title:  fmt.Sprintf("%s: lessons from %d workshops", topics[i%len(topics)], 3+i%40),
			Text:   fmt.Sprintf("In **%d minutes** we show what worked, what did not; and why. Bring [samples], gloves & questions: there is **a bench** for everybody, tools, and \"coffee\".", 30+i%60),
			Starts: begin.Add(time.Duration(i*20) * time.Minute).Format("2006-01-02 15:04 -0700"), Length: fmt.Sprintf("%dh%dm", i%3, 15+i%4*10),
			Room: fmt.Sprintf("F%d/R%d", i%4, 100+i%60), Speakers: a + "; " + b, Tags: "Wood, craft, Talk,wood " + fair,
			Fee: fmt.Sprintf("%d.%02d", 8+i%30, i%100), Contact: fmt.Sprintf("%s <%s@fair.example>", a, strings.ToLower(a[:2])),
			Link: fmt.Sprintf("https://fair.example/p/%d?from=list&hall=%d", i, i%7), Extra: `seats="40";lang="en \u2013 de";level="all"`,
		}
	}
	return list
}

// entry takes a session through all steps.
func entry(s *Session, v *View) (*Entry, error) {
	e := &Entry{}
	for _, step := range steps {
		if err := step(s, e, v); err != nil {
			return nil, fmt.Errorf("session %d: %w", s.Number, err)
		}
	}
	return e, nil
}

func present(sessions []Session, v *View) (*Programme, error) {
	p := &Programme{Fair: v.fair, Days: map[string]int{}}
	for i := range sessions {
		e, err := entry(&sessions[i], v)
		if err != nil {
			return nil, err
		}
		p.Days[e.Day]++
		p.Entries = append(p.Entries, e)
	}
	sort.SliceStable(p.Entries, func(i, j int) bool { return p.Entries[i].Title < p.Entries[j].Title })
	var err error
	p.feed, err = feed(p.Entries)
	return p, err
}

type Fairs struct {
	sessions map[string][]Session
	feeds    sync.Map
}

func (f *Fairs) programme(w http.ResponseWriter, r *http.Request) {
	sessions, ok := f.sessions[r.PathValue("fair")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	zone, err := time.LoadLocation(r.URL.Query().Get("zone"))
	if err != nil {
		http.Error(w, "no such time zone", http.StatusBadRequest)
		return
	}
	view := &View{fair: r.PathValue("fair"), zone: zone, vat: big.NewRat(120, 100), key: []byte("gate-" + r.PathValue("fair"))}
	p, err := present(sessions, view)
	if err != nil {
		log.Print(err)
		http.Error(w, "no programme", http.StatusInternalServerError)
		return
	}
	f.feeds.Store(p.Fair, p.feed)
	send(w, r, p)
}

func (f *Fairs) feed(w http.ResponseWriter, r *http.Request) {
	items, ok := f.feeds.Load(r.PathValue("fair"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/rss+xml")
	fmt.Fprintf(w, "<rss><channel>%s</channel></rss>", items)
}

func send(w http.ResponseWriter, r *http.Request, v any) {
	body, err := encode(v)
	if err != nil {
		log.Print(err)
		http.Error(w, "no programme", http.StatusInternalServerError)
		return
	}
	sum := fnv.New64a()
	sum.Write(body)
	tag := fmt.Sprintf(`"%x"`, sum.Sum64())
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", "application/json")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Write(body)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	packed, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
	packed.Write(body)
	packed.Close()
}

func main() {
	fairs := &Fairs{sessions: map[string][]Session{"spring": sessionsOf("spring", 760), "autumn": sessionsOf("autumn", 90)}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /fairs/{fair}/programme", fairs.programme)
	mux.HandleFunc("GET /fairs/{fair}/feed", fairs.feed)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
