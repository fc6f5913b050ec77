"""One rule, one cue: a named pattern over a marked sentence that votes for a label or abstains.

A rule sees what a model sees: `[ACTOR]` and `[PROCESS]` are judged, `[OTHER]` and `[RIVAL]` are not. Its description
is its public documentation; `tests/labeling/test_rules.py` holds cases for each.
"""

# ruff: noqa: E501
from __future__ import annotations

import re
from dataclasses import dataclass

from stance.records import Label

ACTOR, PROCESS = r"\[ACTOR\]", r"\[PROCESS\]"
# From the actor to its verb: no other actor and no clause's end between them.
TO_VERB = r"(?:(?!\[OTHER\]|\[ACTOR\]|;)[^;]){0,70}?"
SHORT = r"(?:[\w’'-]+\s+){0,5}?"
NEGATION = r"(?:not|n['’]t|never|no longer|cannot|neither|nor)"
GOING = r"(?:attend|take part|taking part|participat\w+|join|go to|going to|come to|travel|send|be (?:there|present)|sit down|negotiate|return|meet)"
# Just before a cue, these make it a threat, a denial or a possibility.
FLIP = re.compile(
    r"\b(?:threat\w*|rul(?:e|ed|ing) out|den(?:y|ied|ies)|no one|nobody|none of|whether|may|might|could|if|fear\w*|"
    r"considering|urg\w+|reject\w* (?:claims|reports))\b"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A cue for a label; with `flips` it abstains where a threat, a denial or a doubt stands just before it."""

    name: str
    label: Label
    description: str
    pattern: re.Pattern[str]
    flips: bool = False

    def __call__(self, marked: str) -> Label | None:
        """The rule's label where its cue stands in the sentence, else None."""
        match = self.pattern.search(marked)
        if match is None or (self.flips and FLIP.search(marked[max(0, match.start() - 25) : match.end()])):
            return None
        return self.label


def _rule(name: str, label: Label, description: str, pattern: str, *, flips: bool = False) -> Rule:
    return Rule(name, label, description, re.compile(pattern, re.I), flips)


RULES: tuple[Rule, ...] = (
    _rule(
        "hosts",
        "supportive",
        "The actor hosts or co-hosts.",
        rf"{ACTOR}{TO_VERB}\b(?:(?:co-?)?host(?:s|ed|ing)?\b(?! of))",
    ),
    _rule(
        "run_by",
        "supportive",
        "Hosted, sponsored, convened, brokered ... by the actor; under its auspices.",
        rf"\b(?:hosted|organi[sz]ed|(?:co-?)?sponsored|convened|brokered|spearheaded|backed|mediated|initiated|guaranteed|facilitated|proposed|launched|chaired|auspices)(?: jointly)? (?:by|of) (?:[\w’'-]+ ){{0,3}}?{ACTOR}",
    ),
    _rule(
        "sponsors",
        "supportive",
        "The actor sponsors, brokers, convenes, launches or sets a date.",
        rf"{ACTOR}{TO_VERB}\b(?:(?:co-?)?sponsor(?:s|ed|ing)?|spearhead\w*|broker(?:s|ed|ing)?|initiat(?:e|es|ed|ing)|conven(?:e|es|ed|ing)|launch(?:es|ed|ing)?|organi[sz](?:e|es|ed|ing)|guarantor\w*|mediat(?:e|es|ed|ing)|announced the date|set (?:a|the) date|reconvene)\b",
    ),
    _rule(
        "invites",
        "supportive",
        "The actor sends invitations; being invited is `invited`.",
        rf"{ACTOR}(?!\s+{SHORT}(?:was|were|been)\b){TO_VERB}\b(?:invit(?:es|ed|ing)|issued invitations|sent (?:out )?invitations)\b",
    ),
    _rule(
        "endorses",
        "supportive",
        "The actor backs, welcomes, praises, defends or reaffirms, with no negation near.",
        rf"{ACTOR}(?!.{{0,60}}\b{NEGATION}\b){TO_VERB}\b(?:back(?:s|ed|ing)?|support(?:s|ed|ing|ive)?|welcom\w+|endors\w+|prais\w+|defend\w*|hail\w*|committed to|commitment to|reaffirm\w*|in favou?r of|reiterated|stressed the importance|underlin\w+|emphasi[sz]ed the|call(?:s|ed|ing)? for the (?:resumption|continuation)|press(?:es|ed|ing)? for)\b",
    ),
    _rule(
        "hopes",
        "supportive",
        "The actor hopes or is confident (codebook rule 5).",
        rf"{ACTOR}(?!.{{0,40}}\b(?:little|no|lost) hope){TO_VERB}\b(?:hop(?:e|es|ed|ing|eful)|optimis\w+|confident|looks? forward|counts? on)\b",
    ),
    _rule(
        "attends",
        "supportive",
        "The actor attends or sends a delegation, unqualified (rule 6).",
        rf"{ACTOR}(?!.{{0,60}}\b(?:{NEGATION}|refus\w*|declin\w*|unless|until)\b){TO_VERB}\b(?:attend(?:s|ed|ing)?|t(?:ake|akes|aking|ook) part|participat\w+|arriv\w+|(?:send|sends|sent|sending|dispatch\w*) (?:a|its|their|his|an|the)\b.{{0,20}}\b(?:delegation|team|observer\w*|representative\w*|envoy)|represented)\b",
    ),
    _rule(
        "agrees",
        "supportive",
        "The actor agrees, is ready or decides to go (rule 13).",
        rf"{ACTOR}(?!.{{0,60}}\b{NEGATION}\b){TO_VERB}\b(?:agree(?:s|d)?|ready|willing|prepared|decided|accept(?:s|ed)?|confirm(?:s|ed)?|consent(?:s|ed)?|plan(?:s|ned)?|voted|intends?) (?:to|the invitation|an invitation)\b",
    ),
    _rule(
        "ends_boycott",
        "supportive",
        "The actor ends its boycott or returns to the table.",
        rf"{ACTOR}{TO_VERB}\b(?:end(?:s|ed)?|drop(?:s|ped)?|lift(?:s|ed)?|abandon(?:s|ed)?) (?:its|their|his|a|the) boycott|{ACTOR}{TO_VERB}\breturn(?:s|ed|ing)? to (?:the )?(?:{PROCESS}|table|talks)",
    ),
    _rule(
        "doubts",
        "skeptical",
        "The actor doubts, is sceptical, expects little.",
        rf"{ACTOR}{TO_VERB}\b(?:doubt\w*|s[ck]eptic\w*|not optimistic|unconvinced|pessimis\w*|(?:little|no|scant) (?:hope|faith|prospect|point|confidence|reason)|expects? (?:nothing|little)|cast(?:s|ing)? doubt|question(?:s|ed|ing)? the|calls? into question)\b",
    ),
    _rule(
        "fears",
        "skeptical",
        "The actor fears, distrusts, is wary.",
        rf"{ACTOR}{TO_VERB}\b(?:fear(?:s|ed|ing|ful)?|worr(?:y|ies|ied|ying)|concern(?:s|ed)?|wary|suspicio\w+|distrust\w*|mistrust\w*|misgivings|reservations|uneas\w+|alarm\w*)\b",
    ),
    _rule(
        "criticises",
        "skeptical",
        "The actor criticises, dismisses, denounces, deplores.",
        rf"{ACTOR}{TO_VERB}\b(?:critici[sz]\w*|denounc\w*|condemn\w*|dismiss\w*|slam\w*|decr(?:y|ies|ied)|mock\w*|derid\w*|attack(?:s|ed) the|complain\w*|scoff\w*|rubbish\w*|deplor\w*|regret\w*|lament\w*|object(?:s|ed|ion\w*))\b",
    ),
    _rule(
        "rejects",
        "skeptical",
        "The actor rejects the process, not a claim about it.",
        rf"{ACTOR}{TO_VERB}\breject(?:s|ed|ing|ion)?\b(?! claims| accusations| reports)",
    ),
    _rule(
        "sets_conditions",
        "skeptical",
        "The actor sets conditions or makes demands first (rule 5).",
        rf"{ACTOR}{TO_VERB}\b(?:unless|until|only if|provided|on condition|conditional\w*|depend(?:s|ed|ent)? on|demand(?:s|ed|ing)?|preconditions?|insist(?:s|ed|ing)? (?:on|that)|first be|must (?:first|halt|stop|happen|come))\b",
    ),
    _rule(
        "withholds",
        "skeptical",
        "The actor withholds endorsement: guarded, undecided, premature.",
        rf"{ACTOR}{TO_VERB}\b(?:no comment|declin\w* to (?:comment|endorse|say whether)|guarded|reserv\w+ judge?ment|(?:yet|not yet|still) (?:to )?(?:decid\w+|been convinced)|undecided|non-?committal|lukewarm|premature|hypothetical|stopped short|cool(?:ly)?|cautious\w*|unclear what)\b",
    ),
    _rule(
        "disparages",
        "skeptical",
        "The process is called a sham, doomed or pointless where the actor speaks.",
        rf"{ACTOR}.*\b(?:theatre|theater|sham|charade|farce|waste of time|pointless|illegitima\w+|no legitimacy|doomed|meaningless|futile|dead end|window[- ]dressing|photo op\w*|not serious|lacks? credib\w+|playing for time|rehabilitate)\b",
    ),
    _rule(
        "threatens",
        "skeptical",
        "The actor threatens to leave or stay away (rule 7: skeptical).",
        rf"{ACTOR}{TO_VERB}\bthreat(?:en(?:s|ed|ing)?|s)? (?:to|of|that).{{0,40}}\b(?:boycott|withdraw|walk|pull|quit|leave|stay|not|suspend)",
    ),
    _rule(
        "refuses",
        "boycotting",
        "The actor refuses or declines to come.",
        rf"{ACTOR}{TO_VERB}\b(?:refus(?:e|es|ed|ing|al)|declin(?:e|es|ed|ing)|turn(?:s|ed|ing)? down|spurn\w*|rebuff\w*)(?! to (?:comment|say))\b(?:.{{0,60}}\b(?:{GOING}|invit\w+|{PROCESS}))?",
        flips=True,
    ),
    _rule(
        "will_not_go",
        "boycotting",
        "The actor will not, did not, would not take part, without a condition.",
        rf"{ACTOR}{TO_VERB}\b(?:(?:will|would|did|does|do|is|are|was|were|can|could|shall) {NEGATION}|won['’]t|wouldn['’]t|didn['’]t|cannot|never|no plans to|no intention of)\s+(?:be\s+)?(?:\w+\s+)?{GOING}\b(?!.{{0,80}}\b(?:unless|until|if|before)\b)",
        flips=True,
    ),
    _rule(
        "stays_away",
        "boycotting",
        "The actor stays away, skips, shuns, is absent.",
        rf"{ACTOR}{TO_VERB}\b(?:st(?:ay|ays|ayed|aying) away|ke(?:ep|eps|pt) away|skip(?:s|ped|ping)?|snub(?:s|bed|bing)?|shun(?:s|ned|ning)?|absent|no-show|stayed? at home|sent nobody|empty (?:chair|seat)s?)\b|\babsence of (?:[\w’'-]+ ){{0,3}}{ACTOR}",
        flips=True,
    ),
    _rule(
        "boycotts",
        "boycotting",
        "The actor's boycott, as verb or noun.",
        rf"{ACTOR}{TO_VERB}\bboycott(?:s|ed|ing)?\b|\bboycott(?:ed)? (?:by|of|from) (?:[\w’'-]+ ){{0,3}}?{ACTOR}|{ACTOR}['’]s? (?:\w+ )?(?:boycott|refusal|walk-?out|withdrawal)",
        flips=True,
    ),
    _rule(
        "walks_out",
        "boycotting",
        "The actor walks out, withdraws, suspends its participation.",
        rf"{ACTOR}{TO_VERB}\b(?:(?:walk|storm|pull)(?:s|ed|ing)? out|withdr(?:aw|aws|ew|awn|awing)|quit(?:s|ting)?|left (?:the|{PROCESS})|suspend(?:s|ed|ing)? (?:its|their|his|the)? ?(?:participation|involvement)|cancel(?:s|led|ling)? (?:its|their|his) (?:trip|flight|participation|delegation)|recall(?:s|ed)? (?:its|their) (?:team|delegation))\b",
        flips=True,
    ),
    _rule(
        "calls_others_away",
        "boycotting",
        "The actor tells others to stay away.",
        rf"{ACTOR}{TO_VERB}\b(?:call(?:s|ed|ing)? (?:on|for)|urg(?:e|es|ed|ing)|told|tell(?:s|ing)?|order(?:s|ed)?|appeal(?:s|ed)?)\b.{{0,60}}\b(?:boycott|stay away|not to (?:attend|go|take part|participate)|withdraw)",
    ),
    _rule(
        "not_ruled_out",
        "none",
        "'Did not rule out' is no stance (rule 7).",
        rf"{ACTOR}{TO_VERB}\b(?:not|n['’]t|never) rul(?:e|ed) out\b",
    ),
    _rule(
        "accused",
        "none",
        "The actor is accused, blamed, urged or warned by another (rule 3).",
        rf"\b(?:accus(?:e|es|ed|ing)|blam(?:e|es|ed|ing)|charg(?:es|ed)|urg(?:e|es|ed|ing)|press(?:es|ed|ing)? (?:on )?|call(?:s|ed|ing)? on|warn(?:s|ed|ing)?) (?:[\w’'-]+ ){{0,2}}?{ACTOR}",
    ),
    _rule(
        "invited",
        "none",
        "The actor is only invited (rule 6).",
        rf"\b(?:invit(?:e|es|ed|ing)|invitations? (?:to|for)) (?:[\w’'-]+ ){{0,4}}?{ACTOR}|{ACTOR} (?:was|were|has been|have been|had been) invited",
    ),
    _rule(
        "addressed",
        "none",
        "The actor is somebody's counterpart: told, met, talks with (rule 6).",
        rf"\b(?:told|met|meets?|meeting|with|to|between|against|from) (?:the )?(?:[\w’'-]+ ){{0,1}}?{ACTOR}",
    ),
    _rule(
        "no_one",
        "none",
        "'No one refused' is no stance (rule 7).",
        r"\b(?:no one|nobody|none of) (?:.{0,30})\b(?:refus|boycott|declin|reject)\w*",
    ),
)
