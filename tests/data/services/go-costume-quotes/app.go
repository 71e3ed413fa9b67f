// A theatre's costume store: quotes for the hire of a production's costumes.
package main

import (
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"os"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/go-playground/validator/v10"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/shopspring/decimal"
)

// record is a costume as the store's old system exports it.
type record struct {
	Key, Role, Piece, Sizes, Week, Deposit, Bought, Care string
}

type Costume struct {
	Key     string          `validate:"required,len=8,alphanum"`
	Role    string          `validate:"required,max=40"`
	Piece   string          `validate:"required"`
	Sizes   []int           `validate:"min=1,dive,gte=30,lte=64"`
	Week    decimal.Decimal `validate:"-"`
	Deposit decimal.Decimal `validate:"-"`
	Bought  time.Time       `validate:"required"`
	Care    string          `validate:"omitempty,oneof=wash dry hand"`
}

type Position struct {
	Ref     string          `json:"ref"`
	Text    string          `json:"text"`
	Sizes   string          `json:"sizes"`
	Net     decimal.Decimal `json:"net"`
	VAT     decimal.Decimal `json:"vat"`
	Gross   decimal.Decimal `json:"gross"`
	Deposit decimal.Decimal `json:"deposit"`
	Since   string          `json:"since"`
	Care    string          `json:"care"`
	Note    string          `json:"note"`
}

type Quote struct {
	Production string          `json:"production"`
	Weeks      int             `json:"weeks"`
	Positions  []Position      `json:"positions"`
	Net        decimal.Decimal `json:"net"`
	Gross      decimal.Decimal `json:"gross"`
	Deposit    decimal.Decimal `json:"deposit"`
}

type Store struct {
	productions map[string][]record
	check       *validator.Validate
	wording     *template.Template
}

func parseSizes(s string) ([]int, error) {
	low, high, ok := strings.Cut(s, "-")
	a, err := strconv.Atoi(strings.TrimSpace(low))
	if err != nil || !ok {
		return []int{a}, err
	}
	b, err := strconv.Atoi(strings.TrimSpace(high))
	var out []int
	for ; a <= b; a += 2 {
		out = append(out, a)
	}
	return out, err
}

func (s *Store) read(r record) (Costume, error) {
	c := Costume{Key: strings.TrimSpace(r.Key), Role: strings.Title(strings.ToLower(r.Role)), Piece: r.Piece, Care: r.Care}
	var err error
	if c.Sizes, err = parseSizes(r.Sizes); err != nil {
		return c, err
	}
	if c.Week, err = decimal.NewFromString(strings.Replace(r.Week, ",", ".", 1)); err != nil {
		return c, err
	}
	if c.Deposit, err = decimal.NewFromString(strings.Replace(r.Deposit, ",", ".", 1)); err != nil {
		return c, err
	}
	if c.Bought, err = time.Parse("02.01.2006", r.Bought); err != nil {
		return c, err
	}
	return c, s.check.Struct(c)
}

var vat = decimal.RequireFromString("0.19")

func hire(c Costume, weeks int, on time.Time) decimal.Decimal {
	net := c.Week
	for i := 1; i < weeks; i++ {
		net = net.Add(c.Week.Mul(decimal.New(int64(max(40, 100-10*i)), -2)))
	}
	if age := on.Sub(c.Bought).Hours() / 8766; age > 10 {
		net = net.Mul(decimal.RequireFromString("0.85"))
	}
	return net.Round(2)
}

func (s *Store) word(c Costume) (string, error) {
	var b strings.Builder
	err := s.wording.Execute(&b, c)
	return b.String(), err
}

func (s *Store) position(c Costume, weeks int) (Position, error) {
	on := time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)
	text, err := s.word(c)
	if err != nil {
		return Position{}, err
	}
	p := Position{Ref: tag(c.Key, c.Role, c.Piece), Text: text, Net: hire(c, weeks, on), Care: c.Care,
		Deposit: c.Deposit, Since: c.Bought.Format("January 2006")}
	p.VAT = p.Net.Mul(vat).Round(2)
	p.Gross = p.Net.Add(p.VAT)
	sizes := make([]string, len(c.Sizes))
	for i, n := range c.Sizes {
		sizes[i] = strconv.Itoa(n)
	}
	p.Sizes = strings.Join(sizes, "/")
	if p.Deposit.GreaterThan(p.Gross.Mul(decimal.NewFromInt(2))) {
		p.Note = fmt.Sprintf("deposit %s, returned within %d days", p.Deposit.StringFixed(2), 10+len(c.Sizes))
	}
	return p, nil
}

func (s *Store) quote(c echo.Context) error {
	records, ok := s.productions[c.Param("production")]
	if !ok {
		return echo.ErrNotFound
	}
	weeks, err := strconv.Atoi(c.QueryParam("weeks"))
	if err != nil || weeks < 1 || weeks > 40 {
		return echo.NewHTTPError(http.StatusBadRequest, "weeks must be 1 to 40")
	}
	q := Quote{Production: c.Param("production"), Weeks: weeks}
	for _, r := range records {
		costume, err := s.read(r)
		if err != nil {
			logOf(c).Warn("costume left out", "key", r.Key, "error", err)
			continue
		}
		p, err := s.position(costume, weeks)
		if err != nil {
			return err
		}
		logOf(c).Debug("priced", "ref", p.Ref, "net", p.Net, "role", costume.Role)
		q.Positions = append(q.Positions, p)
		q.Net, q.Gross, q.Deposit = q.Net.Add(p.Net), q.Gross.Add(p.Gross), q.Deposit.Add(p.Deposit)
	}
	sort.SliceStable(q.Positions, func(i, j int) bool { return q.Positions[i].Text < q.Positions[j].Text })
	return c.JSON(http.StatusOK, q)
}

func (s *Store) list(c echo.Context) error {
	sizes := map[string]int{}
	for name, records := range s.productions {
		sizes[name] = len(records)
	}
	return c.JSON(http.StatusOK, sizes)
}

func export(n int, seed int64) []record {
	rnd := rand.New(rand.NewSource(seed))
	roles := []string{"COUNTESS", "PAGE", "GARDENER", "CHORUS LADY", "CHORUS GENTLEMAN", "NOTARY"}
	pieces := []string{"frock coat", "robe", "breeches", "cloak", "bodice", "livery", "bonnet"}
	cares := []string{"wash", "dry", "hand", ""}
	money := func(least, more int) string { return fmt.Sprintf("%d,%02d", least+rnd.Intn(more), rnd.Intn(100)) }
	out := make([]record, n)
	for i := range out {
		low := 34 + 2*rnd.Intn(6)
		out[i] = record{fmt.Sprintf(" K%07d ", rnd.Intn(1e7)), roles[rnd.Intn(len(roles))], pieces[rnd.Intn(len(pieces))],
			fmt.Sprintf("%d - %d", low, low+2*rnd.Intn(6)), money(8, 40), money(60, 400),
			fmt.Sprintf("%02d.%02d.%d", 1+rnd.Intn(28), 1+rnd.Intn(12), 1996+rnd.Intn(28)), cares[rnd.Intn(4)]}
	}
	return out
}

func main() {
	s := &Store{check: validator.New(), productions: map[string][]record{"figaro": export(620, 1), "hamlet": export(240, 2)},
		wording: template.Must(template.New("").Funcs(template.FuncMap{"lower": strings.ToLower}).Parse(
			`{{.Role}}: {{lower .Piece}} ({{len .Sizes}} size{{if gt (len .Sizes) 1}}s{{end}}){{with .Care}}, {{.}} care{{end}}`))}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(middleware.Recover(), numbered)
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/productions", s.list)
	e.GET("/productions/:production/quote", s.quote, rewrites(squeezes), rewrites(signs([]byte("wardrobe"))), rewrites(withoutEmpty))
	log.Fatal(e.Start("127.0.0.1:" + os.Getenv("PORT")))
}
