package main

import (
	"encoding/json"
	"errors"
	"html"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

type Record struct {
	Specimen
	ID      string          `json:"id"`
	Genus   string          `json:"genus"`
	Family  string          `json:"family,omitempty"`
	Day     time.Time       `json:"day"`
	Grid    string          `json:"grid"`
	Metres  decimal.Decimal `json:"metres"`
	Shown   string          `json:"shown"`
	Indexed []string        `json:"indexed"`
}

type stage func(*Record) error

var (
	check    = validator.New(validator.WithRequiredStructEnabled())
	museums  = uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
	families = map[string]string{"Carex": "Cyperaceae", "Quercus": "Fagaceae", "Salix": "Salicaceae"}
	foot     = decimal.RequireFromString("0.3048")
)

func valid(r *Record) error { return check.Struct(&r.Specimen) }

func composed(r *Record) error {
	r.Taxon, r.Collector, r.Remarks = norm.NFC.String(r.Taxon), norm.NFC.String(r.Collector), norm.NFKC.String(r.Remarks)
	return nil
}

func identified(r *Record) error {
	r.ID = uuid.NewSHA1(museums, []byte(r.Sheet)).String()
	return nil
}

func classified(r *Record) error {
	genus, _, ok := strings.Cut(r.Taxon, " ")
	if !ok {
		return errors.New("no species")
	}
	r.Genus, r.Family = genus, families[genus]
	return nil
}

func dated(r *Record) (err error) {
	for _, layout := range []string{"2006-01-02", "2.1.2006", "January 2, 2006"} {
		if r.Day, err = time.Parse(layout, r.Collected); err == nil {
			return nil
		}
	}
	return err
}

func located(r *Record) error {
	lat, err := decimal.NewFromString(r.Latitude)
	if err != nil {
		return err
	}
	lon, err := decimal.NewFromString(r.Longitude)
	if err != nil {
		return err
	}
	r.Grid = lat.Mul(decimal.NewFromInt(12)).Floor().String() + "/" + lon.Mul(decimal.NewFromInt(6)).Floor().String()
	return nil
}

func levelled(r *Record) error {
	feet, found := strings.CutSuffix(r.Altitude, " ft")
	v, err := decimal.NewFromString(strings.TrimSuffix(feet, " m"))
	if err == nil && found {
		v = v.Mul(foot).Round(1)
	}
	r.Metres = v
	return nil
}

func presented(r *Record) error {
	name := cases.Title(language.German, cases.NoLower).String(r.Collector)
	r.Shown = html.EscapeString(name) + ", " + r.Day.Format("2 Jan 2006") + " (" + html.EscapeString(r.Remarks) + ")"
	return nil
}

func indexed(r *Record) error {
	seen := map[string]bool{}
	for _, w := range append(strings.Fields(r.Remarks), r.Keywords...) {
		if w = strings.ToLower(strings.Trim(w, ",.;")); len(w) > 3 && !seen[w] {
			seen[w] = true
			r.Indexed = append(r.Indexed, w)
		}
	}
	return nil
}

func stages() []stage {
	return []stage{composed, valid, identified, classified, dated, located, levelled, presented, indexed}
}

func delivered(prefix string, n int) json.RawMessage {
	taxa := []string{"Carex nigra", "Quercus robur", "Salix caprea", "Sorbus aucuparia"}
	list := make([]Specimen, n)
	for i := range list {
		list[i] = Specimen{Sheet: prefix + strconv.Itoa(70000+i), Taxon: taxa[i%4], Collector: "josef mu\u0308ller", Mail: "herbar@example.org",
			Collected: strconv.Itoa(1+i%28) + ".6." + strconv.Itoa(1880+i%120), Latitude: "48." + strconv.Itoa(1000+i), Longitude: "16." + strconv.Itoa(2000+i),
			Altitude: strconv.Itoa(600+i%900) + " ft", Country: "AT", Remarks: "wet meadow, near the brook; ﬂowering & abundant",
			Keywords: []string{"meadow", "lowland"}}
	}
	raw, _ := json.Marshal(list)
	return raw
}
