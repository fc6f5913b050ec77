"""One rule, one cue, one small function: it reads a marked sentence and returns a label or abstains (None).

A rule sees what a model sees: `[ACTOR]` and `[PROCESS]` are judged, `[OTHER]` and `[RIVAL]` are not. The docstring
is the rule's public description; `tests/labeling/test_rules.py` holds cases for each.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from stance.records import Label

Rule = Callable[[str], Label | None]
RULES: dict[str, Rule] = {}

ACTOR, PROCESS = r"\[ACTOR\]", r"\[PROCESS\]"
# From the actor to its verb: no other actor, no clause's end between them.
TO_VERB = r"(?:(?!\[OTHER\]|\[ACTOR\]|[;]|\bthat\b.*\bthat\b)[^;]){0,70}?"
SHORT = r"(?:[\w’'-]+\s+){0,5}?"
NEGATION = r"(?:not|n['’]t|never|no longer|cannot|neither|nor)"
GOING = r"(?:attend|take part|taking part|participat\w+|join|go to|going to|come to|travel|send|be (?:there|present)|sit down|negotiate|return|meet)"
_FLIP = re.compile(
    r"\b(?:threat\w*|rul(?:e|ed|ing) out|den(?:y|ied|ies)|no one|nobody|none of|whether|may|might|could|if|fear\w*|"
    r"considering|urg\w+|reject\w* (?:claims|reports))\b"
)


def rule(function: Rule) -> Rule:
    """Enter a rule under its function's name."""
    RULES[function.__name__] = function
    return function


def _says(pattern: str, label: Label, *, flip: bool = False) -> Callable[[str], Label | None]:
    """A cue that means `label`, unless (with `flip`) a threat, a denial or a doubt stands just before it."""
    compiled = re.compile(pattern, re.I)

    def vote(text: str) -> Label | None:
        match = compiled.search(text)
        if match is None or (flip and _FLIP.search(text[max(0, match.start() - 25) : match.end()])):
            return None
        return label

    return vote


_hosts = _says(rf"{ACTOR}{TO_VERB}\b(?:(?:co-?)?host(?:s|ed|ing)?\b(?! of))", "supportive")
_by = _says(
    rf"\b(?:hosted|organi[sz]ed|(?:co-?)?sponsored|convened|brokered|spearheaded|backed|mediated|initiated|guaranteed|facilitated|proposed|launched|chaired|auspices)(?: jointly)? (?:by|of) (?:[\w’'-]+ ){{0,3}}?{ACTOR}",
    "supportive",
)
_sponsors = _says(
    rf"{ACTOR}{TO_VERB}\b(?:(?:co-?)?sponsor(?:s|ed|ing)?|spearhead\w*|broker(?:s|ed|ing)?|initiat(?:e|es|ed|ing)|conven(?:e|es|ed|ing)|launch(?:es|ed|ing)?|organi[sz](?:e|es|ed|ing)|guarantor\w*|mediat(?:e|es|ed|ing)|announced the date|set (?:a|the) date|reconvene)\b",
    "supportive",
)
_invites = _says(rf"{ACTOR}(?!{SHORT}(?:was|were|been)){TO_VERB}\b(?:invit(?:es|ed|ing)|issued invitations|sent (?:out )?invitations)\b", "supportive")
_endorses = _says(
    rf"{ACTOR}(?!.{{0,60}}\b{NEGATION}\b){TO_VERB}\b(?:back(?:s|ed|ing)?|support(?:s|ed|ing|ive)?|welcom\w+|endors\w+|prais\w+|defend\w*|hail\w*|committed to|commitment to|reaffirm\w*|in favou?r of|reiterated|stressed the importance|underlin\w+|emphasi[sz]ed the|call(?:s|ed|ing)? for the (?:resumption|continuation)|press(?:es|ed|ing)? for)\b",
    "supportive",
)
_hopes = _says(rf"{ACTOR}(?!.{{0,40}}\b(?:little|no|lost) hope){TO_VERB}\b(?:hop(?:e|es|ed|ing|eful)|optimis\w+|confident|looks? forward|counts? on)\b", "supportive")
_attends = _says(
    rf"{ACTOR}(?!.{{0,60}}\b(?:{NEGATION}|refus\w*|declin\w*|unless|until)\b){TO_VERB}\b(?:attend(?:s|ed|ing)?|t(?:ake|akes|aking|ook) part|participat\w+|arriv\w+|(?:send|sends|sent|sending|dispatch\w*) (?:a|its|their|his|an|the)\b.{{0,20}}\b(?:delegation|team|observer\w*|representative\w*|envoy)|represented)\b",
    "supportive",
)
_agrees = _says(
    rf"{ACTOR}(?!.{{0,60}}\b{NEGATION}\b){TO_VERB}\b(?:agree(?:s|d)?|ready|willing|prepared|decided|accept(?:s|ed)?|confirm(?:s|ed)?|consent(?:s|ed)?|plan(?:s|ned)?|voted|intends?) (?:to|the invitation|an invitation)\b",
    "supportive",
)
_ends_boycott = _says(rf"{ACTOR}{TO_VERB}\b(?:end(?:s|ed)?|drop(?:s|ped)?|lift(?:s|ed)?|abandon(?:s|ed)?) (?:its|their|his|a|the) boycott|{ACTOR}{TO_VERB}\breturn(?:s|ed|ing)? to (?:the )?(?:{PROCESS}|table|talks)", "supportive")  # fmt: skip
_doubts = _says(
    rf"{ACTOR}{TO_VERB}\b(?:doubt\w*|s[ck]eptic\w*|not optimistic|unconvinced|pessimis\w*|(?:little|no|scant) (?:hope|faith|prospect|point|confidence|reason)|expects? (?:nothing|little)|cast(?:s|ing)? doubt|question(?:s|ed|ing)? the|calls? into question)\b",
    "skeptical",
)
_fears = _says(rf"{ACTOR}{TO_VERB}\b(?:fear(?:s|ed|ing|ful)?|worr(?:y|ies|ied|ying)|concern(?:s|ed)?|wary|suspicio\w+|distrust\w*|mistrust\w*|misgivings|reservations|uneas\w+|alarm\w*)\b", "skeptical")
_criticises = _says(
    rf"{ACTOR}{TO_VERB}\b(?:critici[sz]\w*|denounc\w*|condemn\w*|dismiss\w*|slam\w*|decr(?:y|ies|ied)|mock\w*|derid\w*|attack(?:s|ed) the|complain\w*|scoff\w*|rubbish\w*|deplor\w*|regret\w*|lament\w*|object(?:s|ed|ion\w*))\b",
    "skeptical",
)
_rejects = _says(rf"{ACTOR}{TO_VERB}\breject(?:s|ed|ing|ion)?\b(?! claims| accusations| reports)", "skeptical")
_conditions = _says(
    rf"{ACTOR}{TO_VERB}\b(?:unless|until|only if|provided|on condition|conditional\w*|depend(?:s|ed|ent)? on|demand(?:s|ed|ing)?|preconditions?|insist(?:s|ed|ing)? (?:on|that)|first be|must (?:first|halt|stop|happen|come))\b",
    "skeptical",
)
_withholds = _says(
    rf"{ACTOR}{TO_VERB}\b(?:no comment|declin\w* to (?:comment|endorse|say whether)|guarded|reserv\w+ judge?ment|(?:yet|not yet|still) (?:to )?(?:decid\w+|been convinced)|undecided|non-?committal|lukewarm|premature|hypothetical|stopped short|cool(?:ly)?|cautious\w*|unclear what)\b",
    "skeptical",
)
_disparages = _says(
    rf"{ACTOR}.*\b(?:theatre|theater|sham|charade|farce|waste of time|pointless|illegitima\w+|no legitimacy|doomed|meaningless|futile|dead end|window[- ]dressing|photo op\w*|not serious|lacks? credib\w+|playing for time|rehabilitate)\b",
    "skeptical",
)
_threatens = _says(rf"{ACTOR}{TO_VERB}\bthreat(?:en(?:s|ed|ing)?|s)? (?:to|of|that).{{0,40}}\b(?:boycott|withdraw|walk|pull|quit|leave|stay|not|suspend)", "skeptical")
_refuses = _says(
    rf"{ACTOR}{TO_VERB}\b(?:refus(?:e|es|ed|ing|al)|declin(?:e|es|ed|ing)|turn(?:s|ed|ing)? down|spurn\w*|rebuff\w*)(?! to (?:comment|say))\b(?:.{{0,60}}\b(?:{GOING}|invit\w+|{PROCESS}))?",
    "boycotting",
    flip=True,
)
_will_not_go = _says(
    rf"{ACTOR}{TO_VERB}\b(?:(?:will|would|did|does|do|is|are|was|were|can|could|shall) {NEGATION}|won['’]t|wouldn['’]t|didn['’]t|cannot|never|no plans to|no intention of)\s+(?:be\s+)?(?:\w+\s+)?{GOING}\b(?!.{{0,80}}\b(?:unless|until|if|before)\b)",
    "boycotting",
    flip=True,
)  # fmt: skip
_stays_away = _says(
    rf"{ACTOR}{TO_VERB}\b(?:st(?:ay|ays|ayed|aying) away|ke(?:ep|eps|pt) away|skip(?:s|ped|ping)?|snub(?:s|bed|bing)?|shun(?:s|ned|ning)?|absent|no-show|stayed? at home|sent nobody|empty (?:chair|seat)s?)\b|\babsence of (?:[\w’'-]+ ){{0,3}}{ACTOR}",
    "boycotting",
    flip=True,
)
_boycotts = _says(rf"{ACTOR}{TO_VERB}\bboycott(?:s|ed|ing)?\b|\bboycott(?:ed)? (?:by|of|from) (?:[\w’'-]+ ){{0,3}}?{ACTOR}|{ACTOR}['’]s? (?:\w+ )?(?:boycott|refusal|walk-?out|withdrawal)", "boycotting", flip=True)  # fmt: skip
_walks_out = _says(
    rf"{ACTOR}{TO_VERB}\b(?:(?:walk|storm|pull)(?:s|ed|ing)? out|withdr(?:aw|aws|ew|awn|awing)|quit(?:s|ting)?|left (?:the|{PROCESS})|suspend(?:s|ed|ing)? (?:its|their|his|the)? ?(?:participation|involvement)|cancel(?:s|led|ling)? (?:its|their|his) (?:trip|flight|participation|delegation)|recall(?:s|ed)? (?:its|their) (?:team|delegation))\b",
    "boycotting",
    flip=True,
)
_calls_away = _says(rf"{ACTOR}{TO_VERB}\b(?:call(?:s|ed|ing)? (?:on|for)|urg(?:e|es|ed|ing)|told|tell(?:s|ing)?|order(?:s|ed)?|appeal(?:s|ed)?)\b.{{0,60}}\b(?:boycott|stay away|not to (?:attend|go|take part|participate)|withdraw)", "boycotting")  # fmt: skip
_not_ruled_out = _says(rf"{ACTOR}{TO_VERB}\b(?:not|n['’]t|never) rul(?:e|ed) out\b", "none")
_accused = _says(rf"\b(?:accus(?:e|es|ed|ing)|blam(?:e|es|ed|ing)|charg(?:es|ed)|urg(?:e|es|ed|ing)|press(?:es|ed|ing)? (?:on )?|call(?:s|ed|ing)? on|warn(?:s|ed|ing)?) (?:[\w’'-]+ ){{0,2}}?{ACTOR}", "none")  # fmt: skip
_invited = _says(rf"\b(?:invit(?:e|es|ed|ing)|invitations? (?:to|for)) (?:[\w’'-]+ ){{0,4}}?{ACTOR}|{ACTOR} (?:was|were|has been|have been|had been) invited", "none")  # fmt: skip
_addressed = _says(rf"\b(?:told|met|meets?|meeting|with|to|between|against|from) (?:the )?(?:[\w’'-]+ ){{0,1}}?{ACTOR}", "none")
_no_one = _says(r"\b(?:no one|nobody|none of) (?:.{0,30})\b(?:refus|boycott|declin|reject)\w*", "none")


@rule
def hosts(text: str) -> Label | None:
    """The actor hosts or co-hosts."""
    return _hosts(text)


@rule
def run_by(text: str) -> Label | None:
    """Hosted, sponsored, convened, brokered ... by the actor; under its auspices."""
    return _by(text)


@rule
def sponsors(text: str) -> Label | None:
    """The actor sponsors, brokers, convenes, launches or sets a date."""
    return _sponsors(text)


@rule
def invites(text: str) -> Label | None:
    """The actor sends invitations; being invited is `invited`."""
    return _invites(text)


@rule
def endorses(text: str) -> Label | None:
    """The actor backs, welcomes, praises, defends or reaffirms, with no negation near."""
    return _endorses(text)


@rule
def hopes(text: str) -> Label | None:
    """The actor hopes or is confident (codebook rule 5)."""
    return _hopes(text)


@rule
def attends(text: str) -> Label | None:
    """The actor attends or sends a delegation, unqualified (rule 6)."""
    return _attends(text)


@rule
def agrees(text: str) -> Label | None:
    """The actor agrees, is ready or decides to go (rule 13)."""
    return _agrees(text)


@rule
def ends_boycott(text: str) -> Label | None:
    """The actor ends its boycott or returns to the table."""
    return _ends_boycott(text)


@rule
def doubts(text: str) -> Label | None:
    """The actor doubts, is sceptical, expects little."""
    return _doubts(text)


@rule
def fears(text: str) -> Label | None:
    """The actor fears, distrusts, is wary."""
    return _fears(text)


@rule
def criticises(text: str) -> Label | None:
    """The actor criticises, dismisses, denounces, deplores."""
    return _criticises(text)


@rule
def rejects(text: str) -> Label | None:
    """The actor rejects the process, not a claim about it."""
    return _rejects(text)


@rule
def sets_conditions(text: str) -> Label | None:
    """The actor sets conditions or makes demands first (rule 5)."""
    return _conditions(text)


@rule
def withholds(text: str) -> Label | None:
    """The actor withholds endorsement: guarded, undecided, premature."""
    return _withholds(text)


@rule
def disparages(text: str) -> Label | None:
    """The process is called a sham, doomed or pointless where the actor speaks."""
    return _disparages(text)


@rule
def threatens(text: str) -> Label | None:
    """The actor threatens to leave or stay away (rule 7: skeptical)."""
    return _threatens(text)


@rule
def refuses(text: str) -> Label | None:
    """The actor refuses or declines to come."""
    return _refuses(text)


@rule
def will_not_go(text: str) -> Label | None:
    """The actor will not, did not, would not take part, without a condition."""
    return _will_not_go(text)


@rule
def stays_away(text: str) -> Label | None:
    """The actor stays away, skips, shuns, is absent."""
    return _stays_away(text)


@rule
def boycotts(text: str) -> Label | None:
    """The actor's boycott, as verb or noun."""
    return _boycotts(text)


@rule
def walks_out(text: str) -> Label | None:
    """The actor walks out, withdraws, suspends its participation."""
    return _walks_out(text)


@rule
def calls_others_away(text: str) -> Label | None:
    """The actor tells others to stay away."""
    return _calls_away(text)


@rule
def not_ruled_out(text: str) -> Label | None:
    """ "Did not rule out" is no stance (rule 7)."""
    return _not_ruled_out(text)


@rule
def accused(text: str) -> Label | None:
    """The actor is accused, blamed, urged or warned by another (rule 3)."""
    return _accused(text)


@rule
def invited(text: str) -> Label | None:
    """The actor is only invited (rule 6)."""
    return _invited(text)


@rule
def addressed(text: str) -> Label | None:
    """The actor is somebody's counterpart: told, met, talks with (rule 6)."""
    return _addressed(text)


@rule
def no_one(text: str) -> Label | None:
    """ "No one refused" is no stance (rule 7)."""
    return _no_one(text)
