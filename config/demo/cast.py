"""The people of the demo's story. All fictional."""

from dataclasses import dataclass

DOMAIN = "demo.example"


@dataclass(frozen=True, kw_only=True)
class Role:
    name: str
    headline: str
    company: str
    location: str
    time_zone: str = "Europe/Berlin"
    plan: str = ""
    who: str = "everyone"
    # Purposes taken; empty = all.
    takes: tuple[str, ...] = ()
    open_profile: bool = False
    about: str = ""

    @property
    def key(self) -> str:
        return self.name.split()[0].lower()

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


CAST = (
    Role(
        name="Karim Haddad",
        headline="Talent partner, payments and platform",
        company="Kivu Pay",
        location="Berlin",
        plan="premium-business",
        about="I build engineering teams for payment companies in Lagos, Berlin and Oslo.",
    ),
    Role(
        name="Mei Tanaka",
        headline="Principal designer",
        company="Northwind",
        location="Osaka",
        time_zone="Asia/Tokyo",
        takes=("job_offer", "press", "advice"),
        about="Design systems, tokens, and the teams that keep them alive.",
    ),
    Role(name="Sam Rivera", headline="Final-year student", company="", location="Lisbon", time_zone="Europe/Lisbon"),
    Role(
        name="Ada Okafor",
        headline="Engineering manager",
        company="Kivu Pay",
        location="Lagos",
        time_zone="Africa/Lagos",
    ),
    Role(name="Jonas Weber", headline="Staff engineer", company="Elbe Systems", location="Berlin"),
    Role(
        name="Tom Baker", headline="Contract backend engineer", company="", location="Leeds", time_zone="Europe/London"
    ),
    Role(name="Sofia Rossi", headline="Chief of staff", company="Lago", location="Milan", time_zone="Europe/Rome"),
    Role(
        name="Hanna Lind", headline="Head of data", company="Fjord Analytics", location="Oslo", time_zone="Europe/Oslo"
    ),
    Role(
        name="Priya Raman",
        headline="Product lead",
        company="Northwind",
        location="London",
        time_zone="Europe/London",
        plan="premium-career",
    ),
    Role(
        name="Luis Ortega",
        headline="Site reliability engineer",
        company="Meridian",
        location="Bogotá",
        time_zone="America/Bogota",
    ),
    Role(
        name="Amara Diallo",
        headline="Independent consultant, compliance",
        company="",
        location="Dakar",
        time_zone="Africa/Dakar",
        plan="premium-business",
        open_profile=True,
        about="Write to me about licences, audits and the rules of instant payments.",
    ),
    Role(
        name="Nora Vogel",
        headline="Chief technology officer",
        company="Elbe Systems",
        location="Hamburg",
        who="nobody",
    ),
    Role(
        name="Grace Kim",
        headline="Partner",
        company="Han River Ventures",
        location="Seoul",
        time_zone="Asia/Seoul",
        who="premium",
    ),
    Role(
        name="Yusuf Demir",
        headline="Sourcing lead",
        company="Meridian",
        location="Istanbul",
        time_zone="Europe/Istanbul",
        plan="recruiter-lite",
    ),
    Role(
        name="Elena Petrova",
        headline="Editor, The Ledger Weekly",
        company="Ledger Weekly",
        location="Sofia",
        time_zone="Europe/Sofia",
        plan="premium-business",
    ),
    Role(
        name="Owen Hughes",
        headline="Account executive",
        company="Brightline",
        location="Cardiff",
        time_zone="Europe/London",
    ),
    Role(
        name="Lena Brandt",
        headline="Head of sales",
        company="Brightline",
        location="Bristol",
        time_zone="Europe/London",
    ),
    Role(
        name="Dev Patel",
        headline="Account executive",
        company="Brightline",
        location="London",
        time_zone="Europe/London",
    ),
    Role(
        name="Viktor Blum",
        headline="Growth consultant",
        company="Blum & Partners",
        location="Vienna",
        time_zone="Europe/Vienna",
        plan="sales-navigator-core",
    ),
)

COLLEAGUE = Role(
    name="Jo Park", headline="Billing and moderation", company="", location="Dublin", time_zone="Europe/Dublin"
)
STAFF = Role(name="Rosa Silva", headline="Community team", company="", location="Lisbon", time_zone="Europe/Lisbon")

CONNECTED = (
    ("karim", "priya"),
    ("priya", "mei"),
    ("karim", "elena"),
    ("elena", "ada"),
    ("priya", "jonas"),
    ("sam", "priya"),
)
