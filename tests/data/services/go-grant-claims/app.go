// Claims on grants: takes the claim of a project, checks it, works out what is paid, and gives back a signed statement.
package main

import (
	"bytes"
	"compress/flate"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

type Item struct {
	Ref    string `json:"ref" xml:"ref,attr" check:"^[A-Z]{2}-[0-9]{4,6}$"`
	What   string `json:"what" xml:"what" check:"^[\\pL0-9 ,.()/-]{3,80}$"`
	Amount string `json:"amount" xml:"amount" check:"^[0-9]{1,7}\\.[0-9]{2}$"`
	Spent  string `json:"spent" xml:"spent" check:"^20[0-9]{2}-[01][0-9]-[0-3][0-9]$"`
	Head   string `json:"head" xml:"head" check:"^(staff|travel|kit|rent|other)$"`
}

type Claim struct {
	XMLName xml.Name `json:"-" xml:"claim"`
	Project string   `json:"project" xml:"project,attr"`
	Items   []Item   `json:"items" xml:"item"`
}

type Paid struct {
	Item
	Month string `json:"month"`
	Share string `json:"share"`
	Note  string `json:"note,omitempty"`
}

type Statement struct {
	Project string            `json:"project"`
	Paid    []Paid            `json:"paid"`
	Heads   map[string]string `json:"heads"`
	Total   string            `json:"total"`
}

// ---- checks

type rules struct {
	checks map[int]*regexp.Regexp
	names  map[int]string
}

var itemRules = rulesFor(reflect.TypeOf(Item{}))

func rulesFor(t reflect.Type) rules {
	r := rules{checks: make(map[int]*regexp.Regexp), names: make(map[int]string)}
	for i := 0; i < t.NumField(); i++ {
		if pattern, ok := t.Field(i).Tag.Lookup("check"); ok {
			r.checks[i], r.names[i] = regexp.MustCompile(pattern), t.Field(i).Name
		}
	}
	return r
}

func (r rules) validate(v any) error {
	value := reflect.ValueOf(v)
	for i := 0; i < value.NumField(); i++ {
		if check, ok := r.checks[i]; ok && !check.MatchString(value.Field(i).String()) {
			return fmt.Errorf("%s is not valid: %q", r.names[i], value.Field(i).String())
		}
	}
	return nil
}

// ---- tidying

func tidy(text string) string {
	var b strings.Builder
	space := true
	for i := 0; i < len(text); {
		c, n := utf8.DecodeRuneInString(text[i:])
		i += n
		if unicode.IsSpace(c) {
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		if space {
			c = unicode.ToUpper(c)
		}
		b.WriteRune(c)
		space = false
	}
	return strings.TrimRight(b.String(), " ")
}

// ---- money

var shares = map[string]*big.Rat{"staff": big.NewRat(4, 5), "travel": big.NewRat(1, 2), "kit": big.NewRat(2, 3), "rent": big.NewRat(3, 7), "other": big.NewRat(1, 4)}

func payable(items []Item) ([]Paid, map[string]string, string, error) {
	paid, heads, total := make([]Paid, 0, len(items)), make(map[string]*big.Rat), new(big.Rat)
	for _, it := range items {
		amount, ok := new(big.Rat).SetString(it.Amount)
		if !ok {
			return nil, nil, "", errors.New("amount of " + it.Ref)
		}
		spent, err := time.Parse("2006-01-02", it.Spent)
		if err != nil {
			return nil, nil, "", err
		}
		share := new(big.Rat).Mul(amount, shares[it.Head])
		p := Paid{Item: it, Month: spent.Format("January 2006"), Share: share.FloatString(2)}
		if spent.Before(time.Now().AddDate(-2, 0, 0)) {
			p.Note = "late"
		}
		if heads[it.Head] == nil {
			heads[it.Head] = new(big.Rat)
		}
		heads[it.Head].Add(heads[it.Head], share)
		total.Add(total, share)
		paid = append(paid, p)
	}
	sums := make(map[string]string, len(heads))
	for head, sum := range heads {
		sums[head] = sum.FloatString(2)
	}
	return paid, sums, total.FloatString(2), nil
}

// ---- what is handed out

var page = template.Must(template.New("statement").Funcs(template.FuncMap{"money": money}).Parse(
	`<h1>{{.Project}}</h1><table>{{range .Paid}}<tr><td>{{.Ref}}<td>{{.What}}<td>{{.Month}}<td>{{money .Share}}{{end}}</table><p>{{money .Total}}`))

func money(s string) string {
	whole, cents, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + " " + whole[i:]
	}
	return whole + "," + cents
}

func pack(page []byte) (string, error) {
	var out bytes.Buffer
	zw, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return "", err
	}
	if _, err := zw.Write(page); err != nil {
		return "", err
	}
	err = zw.Close()
	return base64.StdEncoding.EncodeToString(out.Bytes()), err
}

func sign(key, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

type Office struct {
	key    []byte
	claims map[string][]byte // as the project's portal sent them
	trail  *slog.Logger
}

func (o *Office) statement(raw []byte) (*Statement, error) {
	var claim Claim
	if err := xml.Unmarshal(raw, &claim); err != nil {
		return nil, err
	}
	for i := range claim.Items {
		it := &claim.Items[i]
		if err := itemRules.validate(*it); err != nil {
			return nil, fmt.Errorf("%s: %w", it.Ref, err)
		}
		it.What = tidy(it.What)
		o.trail.Info("item", "project", claim.Project, "ref", it.Ref, "head", it.Head, "amount", it.Amount)
	}
	sort.SliceStable(claim.Items, func(i, j int) bool {
		return strings.ToLower(claim.Items[i].What) < strings.ToLower(claim.Items[j].What)
	})
	paid, heads, total, err := payable(claim.Items)
	return &Statement{Project: claim.Project, Paid: paid, Heads: heads, Total: total}, err
}

func (o *Office) handleStatement(w http.ResponseWriter, r *http.Request) {
	raw, ok := o.claims[r.PathValue("claim")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	st, err := o.statement(raw)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	var sheet bytes.Buffer
	if err := page.Execute(&sheet, st); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	packed, err := pack(sheet.Bytes())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body, _ := json.Marshal(map[string]any{"statement": st, "sheet": packed})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Signature", sign(o.key, body))
	_, _ = w.Write(body)
}

func (o *Office) handleClaims(w http.ResponseWriter, _ *http.Request) {
	names := make([]string, 0, len(o.claims))
	for name := range o.claims {
		names = append(names, name)
	}
	sort.Strings(names)
	_ = json.NewEncoder(w).Encode(names)
}

func sample(project string, n int) []byte {
	heads, what := []string{"staff", "travel", "kit", "rent", "other"}, []string{"hall  hire", "print of flyers", "train to the fair", "hours of the carpenter", "paint, brushes", "insurance (van)"}
	c := Claim{Project: project}
	for i := 0; i < n; i++ {
		c.Items = append(c.Items, Item{Ref: fmt.Sprintf("GR-%05d", i*37%90000), What: what[i*7%6] + "  no " + strconv.Itoa(i*13%400),
			Amount: fmt.Sprintf("%d.%02d", 12+i*53%4000, i*31%100), Spent: fmt.Sprintf("202%d-%02d-%02d", 3+i%3, 1+i%12, 1+i%28), Head: heads[i%5]})
	}
	raw, _ := xml.Marshal(c)
	return raw
}

func main() {
	trail, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	o := &Office{key: []byte("b1c9f0aa"), trail: slog.New(slog.NewTextHandler(trail, nil)),
		claims: map[string][]byte{"mill-2025": sample("Old Mill", 900), "choir-2025": sample("Youth Choir", 60)}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /claims", o.handleClaims)
	mux.HandleFunc("GET /claims/{claim}/statement", o.handleStatement)
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux); err != nil {
		slog.Error("listen", "error", err)
		os.Exit(1)
	}
}
