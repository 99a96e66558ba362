"""What the simulated participants say. All of it is made up; the Swahili and Arabic are to be checked by a speaker.

Regions are those of the sample polls, about a country that does not exist. They differ, so that a digest of the demo
has something to say; a question or region that is not listed here is answered at random.
"""

from __future__ import annotations

from collections.abc import Mapping

REGIONS: Mapping[str, int] = {"north": 34, "coast": 28, "highlands": 22, "lakes": 16}
"""How many of a hundred participants live where."""

SPOKEN: Mapping[str, Mapping[str, int]] = {
    "north": {"ar": 60, "en": 20, "sw": 20},
    "coast": {"sw": 65, "en": 20, "ar": 15},
    "highlands": {"en": 60, "sw": 40},
    "lakes": {"sw": 55, "en": 40, "ar": 5},
}

LEANINGS: Mapping[str, Mapping[str, Mapping[str, int]]] = {
    "age": {"": {"under_25": 32, "from_25": 40, "from_40": 20, "from_60": 8}},
    "gender": {"": {"woman": 46, "man": 48, "other": 1}},
    "safety": {
        "north": {"1": 34, "2": 36, "3": 20, "4": 8, "5": 2},
        "coast": {"1": 5, "2": 14, "3": 31, "4": 34, "5": 16},
        "highlands": {"1": 14, "2": 26, "3": 32, "4": 21, "5": 7},
        "lakes": {"1": 8, "2": 20, "3": 36, "4": 26, "5": 10},
    },
    "first": {
        "north": {"security": 52, "land": 14, "justice": 10, "jobs": 6, "going_home": 18},
        "coast": {"security": 14, "land": 34, "justice": 14, "jobs": 34, "going_home": 4},
        "highlands": {"security": 20, "land": 48, "justice": 14, "jobs": 12, "going_home": 6},
        "lakes": {"security": 24, "land": 20, "justice": 26, "jobs": 20, "going_home": 10},
    },
    "land_problem": {
        "north": {"borders": 20, "taken": 34, "grazing": 36, "papers": 10},
        "coast": {"borders": 8, "taken": 44, "grazing": 4, "papers": 44},
        "highlands": {"borders": 36, "taken": 24, "grazing": 32, "papers": 8},
    },
    "services": {
        "north": {"water": 40, "health": 24, "schools": 10, "roads": 8, "food": 30},
        "coast": {"water": 24, "health": 28, "schools": 30, "roads": 20, "food": 6},
        "highlands": {"water": 20, "health": 26, "schools": 20, "roads": 34, "food": 10},
    },
    "hope": {"north": {"yes": 44, "no": 56}, "": {"yes": 66, "no": 34}},
    "week": {
        "north": {"safer": 14, "same": 36, "worse": 50},
        "coast": {"safer": 40, "same": 46, "worse": 14},
        "": {"safer": 28, "same": 46, "worse": 26},
    },
    "road": {"north": {"yes": 36, "no": 64}, "": {"yes": 72, "no": 28}},
}
"""Question -> region ("" for any other) -> weights of its answers."""

THEMES: Mapping[str, Mapping[str, int]] = {
    "north": {"weapons": 34, "return": 24, "water": 14, "prisoners": 12, "land": 8, "jobs": 4, "justice": 4},
    "coast": {"land": 32, "jobs": 30, "justice": 12, "water": 8, "weapons": 8, "power": 10},
    "highlands": {"land": 44, "cattle": 24, "weapons": 14, "justice": 10, "power": 8},
    "lakes": {"justice": 28, "jobs": 20, "land": 18, "weapons": 14, "power": 12, "prisoners": 8},
}

WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "weapons": {
        "en": (
            "First take the guns from the young men on the roads",
            "Security. We can't sleep, there is shooting every night",
            "Stop the killing and disarm the militias",
            "Safe roads. My brother was attacked going to market",
        ),
        "sw": (
            "Kwanza usalama, silaha zikusanywe",
            "Risasi kila usiku. Tunataka usalama",
            "Wanamgambo wanyang'anywe silaha",
            "Barabara ziwe salama tufike sokoni",
        ),
        "ar": (
            "الأمن أولا، اجمعوا السلاح من الشباب",
            "نسمع إطلاق النار كل ليلة، نريد الأمان",
            "نزع سلاح المليشيات ووقف القتل",
            "تأمين الطرق حتى نصل إلى السوق",
        ),
    },
    "land": {
        "en": (
            "Land. They took our fields and gave no papers",
            "Give back the farms that were taken",
            "Who owns the land? Settle the borders between villages",
            "Land titles for families who farm it",
        ),
        "sw": (
            "Ardhi yetu ilichukuliwa, turudishiwe mashamba",
            "Mipaka ya ardhi kati ya vijiji",
            "Hati za ardhi kwa wakulima",
            "Mgogoro wa ardhi umalizwe kwanza",
        ),
        "ar": (
            "الأرض. أخذوا حقولنا بلا وثائق",
            "أعيدوا المزارع إلى أصحابها",
            "حدود الأراضي بين القرى",
        ),
    },
    "cattle": {
        "en": (
            "Grazing routes. Herders and farmers fight every dry season",
            "Cattle raids must end, return the stolen cows",
        ),
        "sw": ("Wizi wa mifugo ukomeshwe", "Wafugaji na wakulima wapewe njia za malisho"),
        "ar": ("مسارات الرعي بين الرعاة والمزارعين",),
    },
    "return": {
        "en": ("Let the displaced go home safely", "We want to leave the camp and return to our village"),
        "sw": ("Waliohama warudi nyumbani salama", "Tutoke kambini turudi kijijini"),
        "ar": ("عودة النازحين إلى بيوتهم بأمان", "نريد أن نترك المخيم ونعود إلى قريتنا"),
    },
    "water": {
        "en": ("Water. The wells are guarded by soldiers", "Open the borehole to everybody"),
        "sw": ("Maji. Visima vifunguliwe kwa wote", "Hatuna maji safi"),
        "ar": ("الماء، الآبار تحت يد الجنود", "افتحوا البئر للجميع"),
    },
    "justice": {
        "en": (
            "Justice for the families of those who were killed",
            "Courts that do not take bribes",
            "Truth about who gave the orders",
        ),
        "sw": ("Haki kwa familia za waliouawa", "Mahakama zisizo na rushwa", "Ukweli kuhusu waliotoa amri"),
        "ar": ("العدالة لأهالي القتلى", "محاكم بلا رشوة"),
    },
    "prisoners": {
        "en": ("Release the prisoners on both sides", "Where are the missing? Tell the families"),
        "sw": ("Wafungwa wa pande zote waachiliwe", "Waliopotea wako wapi?"),
        "ar": ("إطلاق سراح الأسرى من الطرفين", "أين المفقودون؟ أخبروا الأهل"),
    },
    "jobs": {
        "en": ("Jobs for young people or they will fight again", "Work in the port for local people"),
        "sw": ("Ajira kwa vijana", "Kazi bandarini kwa wenyeji", "Vijana hawana kazi"),
        "ar": ("فرص عمل للشباب", "نريد عملا لا حربا"),
    },
    "power": {
        "en": ("Share power fairly, no region left out", "Elections that everybody can trust"),
        "sw": ("Madaraka yagawanywe kwa haki", "Uchaguzi huru"),
        "ar": ("تقاسم السلطة بعدل بين المناطق",),
    },
}
"""Theme -> language -> open answers."""
