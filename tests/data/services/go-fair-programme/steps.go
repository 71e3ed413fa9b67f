package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"math/big"
	"net/mail"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode"
)

// Entry is a session as the programme shows it; the steps below fill it in.
type Entry struct {
	ID       string            `json:"id"`
	Slug     string            `json:"slug"`
	Title    string            `json:"title"`
	Excerpt  string            `json:"excerpt"`
	Body     string            `json:"-"`
	Starts   string            `json:"starts"`
	Day      string            `json:"day"`
	Length   string            `json:"length"`
	Floor    int               `json:"floor"`
	Room     int               `json:"room"`
	Speakers []string          `json:"speakers"`
	Initials string            `json:"initials"`
	Tags     []string          `json:"tags"`
	Fee      string            `json:"fee"`
	Contact  string            `json:"contact"`
	Link     string            `json:"link"`
	Calendar string            `json:"-"`
	Badge    string            `json:"badge"`
	Meta     map[string]string `json:"meta"`
	Card     string            `json:"card"`
}

type step func(s *Session, e *Entry, v *View) error

var steps = []step{identify, slug, title, excerpt, body, times, length, place, speakers, tags, fee, contact, link, calendar, badge, meta, card}

func identify(s *Session, e *Entry, v *View) error {
	e.ID = fmt.Sprintf("%s-%04d", strings.ToUpper(v.fair[:2]), s.Number)
	return nil
}

func slug(s *Session, e *Entry, v *View) error {
	var b strings.Builder
	dash := false
	for _, r := range s.Title {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
			dash = false
		case !dash:
			b.WriteByte('-')
			dash = true
		}
	}
	e.Slug = strings.Trim(b.String(), "-")
	return nil
}

func title(s *Session, e *Entry, v *View) error {
	words := strings.Fields(s.Title)
	for i, w := range words {
		if len(w) > 3 {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	e.Title = html.EscapeString(strings.Join(words, " "))
	return nil
}

var plain = strings.NewReplacer("**", "", "[", "", "]", " ")

func excerpt(s *Session, e *Entry, v *View) error {
	text := plain.Replace(s.Text)
	length := 0
	var kept []string
	for _, w := range strings.Fields(text) {
		if length += len(w) + 1; length > 140 {
			break
		}
		kept = append(kept, w)
	}
	e.Excerpt = strings.Join(kept, " ") + "…"
	return nil
}

var strong = regexp.MustCompile(`\*\*([^*]+)\*\*`)

func body(s *Session, e *Entry, v *View) error {
	e.Body = "<p>" + strong.ReplaceAllString(html.EscapeString(s.Text), "<b>$1</b>") + "</p>"
	return nil
}

func times(s *Session, e *Entry, v *View) error {
	at, err := time.Parse("2006-01-02 15:04 -0700", s.Starts)
	if err != nil {
		return err
	}
	local := at.In(v.zone)
	e.Starts, e.Day = local.Format(time.RFC1123Z), local.Format("Monday, 2 January")
	return nil
}

func length(s *Session, e *Entry, v *View) error {
	d, err := time.ParseDuration(s.Length)
	if err != nil {
		return err
	}
	e.Length = fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	return nil
}

func place(s *Session, e *Entry, v *View) error {
	_, err := fmt.Sscanf(s.Room, "F%d/R%d", &e.Floor, &e.Room)
	return err
}

func speakers(s *Session, e *Entry, v *View) error {
	for _, name := range strings.Split(s.Speakers, ";") {
		name = strings.TrimSpace(name)
		first, last, _ := strings.Cut(name, " ")
		e.Speakers = append(e.Speakers, last+", "+first)
		e.Initials += first[:1] + last[:1] + " "
	}
	sort.Strings(e.Speakers)
	e.Initials = strings.TrimSpace(e.Initials)
	return nil
}

func tags(s *Session, e *Entry, v *View) error {
	seen := map[string]bool{}
	for _, t := range strings.FieldsFunc(s.Tags, func(r rune) bool { return r == ',' || r == ' ' }) {
		if t = strings.ToLower(t); !seen[t] {
			seen[t] = true
			e.Tags = append(e.Tags, t)
		}
	}
	sort.Strings(e.Tags)
	return nil
}

func fee(s *Session, e *Entry, v *View) error {
	net, ok := new(big.Rat).SetString(s.Fee)
	if !ok {
		return fmt.Errorf("fee %q", s.Fee)
	}
	e.Fee = net.Mul(net, v.vat).FloatString(2)
	return nil
}

func contact(s *Session, e *Entry, v *View) error {
	address, err := mail.ParseAddress(s.Contact)
	if err != nil {
		return err
	}
	e.Contact = address.String()
	return nil
}

func link(s *Session, e *Entry, v *View) error {
	u, err := url.Parse(s.Link)
	if err != nil {
		return err
	}
	q := u.Query()
	q.Set("session", e.ID)
	q.Set("lang", "en")
	u.RawQuery = q.Encode()
	e.Link = u.String()
	return nil
}

var icsText = strings.NewReplacer("\\", "\\\\", ";", "\\;", ",", "\\,", "\n", "\\n")

func calendar(s *Session, e *Entry, v *View) error {
	lines := []string{"BEGIN:VEVENT", "UID:" + e.ID, "SUMMARY:" + icsText.Replace(s.Title), "DESCRIPTION:" + icsText.Replace(s.Text), "END:VEVENT"}
	var b strings.Builder
	for _, l := range lines {
		for len(l) > 75 {
			b.WriteString(l[:75] + "\r\n ")
			l = l[75:]
		}
		b.WriteString(l + "\r\n")
	}
	e.Calendar = b.String()
	return nil
}

func badge(s *Session, e *Entry, v *View) error {
	mac := hmac.New(sha1.New, v.key)
	mac.Write([]byte(e.ID + "|" + e.Starts + "|" + e.Fee + "|" + e.Body + e.Calendar))
	e.Badge = base32.StdEncoding.EncodeToString(mac.Sum(nil))
	return nil
}

func meta(s *Session, e *Entry, v *View) error {
	e.Meta = map[string]string{}
	for _, pair := range strings.Split(s.Extra, ";") {
		key, quoted, _ := strings.Cut(pair, "=")
		value, err := strconv.Unquote(quoted)
		if err != nil {
			return err
		}
		e.Meta[key] = value
	}
	return nil
}

var cardText = template.Must(template.New("card").Parse("{{.Title}} | {{.Day}} | floor {{.Floor}} | {{.Fee}} EUR"))

func card(s *Session, e *Entry, v *View) error {
	var b bytes.Buffer
	err := cardText.Execute(&b, e)
	e.Card = b.String()
	return err
}

type feedItem struct {
	XMLName xml.Name `xml:"item"`
	Title   string   `xml:"title"`
	Link    string   `xml:"link"`
	Date    string   `xml:"pubDate"`
}

// feed is the short form of the programme for readers of RSS.
func feed(entries []*Entry) ([]byte, error) {
	var b bytes.Buffer
	enc := xml.NewEncoder(&b)
	for _, e := range entries {
		if err := enc.Encode(feedItem{Title: e.Title, Link: e.Link, Date: e.Starts}); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), enc.Close()
}

func encode(v any) ([]byte, error) {
	return json.Marshal(v)
}
