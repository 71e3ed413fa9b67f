// Notices of a property manager: renders the notices that go to the tenants of a house.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

type Tenant struct {
	Name, Flat, Language string
	Rent                 float64
	Since                time.Time
}

type House struct {
	Street  string
	Tenants []Tenant
}

type Notice struct {
	Kind, Language, Title string
	Paragraphs            int
}

type board struct {
	houses  map[string]*House
	notices []Notice
	layouts *lru.Cache[string, *template.Template]
}

var funcs = template.FuncMap{
	"money": func(v float64) string { return fmt.Sprintf("%.2f €", v) },
	"upper": strings.ToUpper,
	"date":  func(t time.Time) string { return t.Format("02.01.2006") },
}

// source writes the layout of a notice out of its building blocks.
func source(n Notice) string {
	var b strings.Builder
	b.WriteString(`<article class="notice {{.Tenant.Language}}"><h2 title="` + n.Title + `">` + n.Title + ` {{upper .Street}}</h2>`)
	b.WriteString(`{{with .Arrears}}`)
	for i := 0; i < n.Paragraphs; i++ {
		fmt.Fprintf(&b, `<p id="p%d">{{if gt .Amount 400.0}}{{.Name}}, <a href="/flats/{{.Flat}}?part=%d">{{.Flat}}</a>{{else}}{{.Flat}}{{end}}</p>`, i, i)
	}
	b.WriteString(`{{end}}<footer data-rent="{{.Tenant.Rent}}">{{money .Tenant.Rent}} {{date .Tenant.Since}}</footer></article>`)
	return b.String()
}

func (b *board) layout(n Notice) (*template.Template, error) {
	key := n.Kind + "." + n.Language
	if t, ok := b.layouts.Get(key); ok {
		return t, nil
	}
	t, err := template.New(key).Funcs(funcs).Parse(source(n))
	if err != nil {
		return nil, err
	}
	b.layouts.Add(key, t)
	return t, nil
}

func (b *board) render(h *House) (map[string]string, error) {
	out := make(map[string]string, len(b.notices))
	var buf bytes.Buffer
	for i, n := range b.notices {
		t, err := b.layout(n)
		if err != nil {
			return nil, err
		}
		buf.Reset()
		err = t.Execute(&buf, map[string]any{"Street": h.Street, "Tenant": h.Tenants[i%len(h.Tenants)]})
		if err != nil {
			return nil, err
		}
		out[n.Kind+"."+n.Language] = buf.String()
	}
	return out, nil
}

func (b *board) handleNotices(w http.ResponseWriter, r *http.Request) {
	h, ok := b.houses[r.PathValue("house")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	pages, err := b.render(h)
	if err != nil {
		log.Print(err)
		http.Error(w, "not rendered", http.StatusInternalServerError)
		return
	}
	sizes := make(map[string]int, len(pages))
	for name, page := range pages {
		sizes[name] = len(page)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"house": h.Street, "notices": sizes})
}

func newBoard(layouts int) (*board, error) {
	cache, err := lru.New[string, *template.Template](layouts)
	if err != nil {
		return nil, err
	}
	b := &board{houses: make(map[string]*House), layouts: cache}
	kinds := []string{"rent", "heating", "water", "repairs", "meeting", "keys", "parking", "storage"}
	for _, lang := range []string{"de", "en", "tr", "pl", "ar"} {
		for i, k := range kinds {
			b.notices = append(b.notices, Notice{Kind: k, Language: lang, Title: k + " / " + lang, Paragraphs: 22 + i%3})
		}
	}
	for i := 0; i < 30; i++ {
		h := &House{Street: fmt.Sprintf("Lindenallee %d", 2*i+1)}
		for j := 0; j < 12; j++ {
			h.Tenants = append(h.Tenants, Tenant{fmt.Sprintf("Tenant %d", j), fmt.Sprintf("%d.%d", j/3, j%3), "de", 380 + float64(j*17), time.Date(2015+j%9, 3, 1, 0, 0, 0, 0, time.UTC)})
		}
		b.houses[fmt.Sprint(i)] = h
	}
	return b, nil
}

func main() {
	b, err := newBoard(32)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /houses/{house}/notices", b.handleNotices)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
