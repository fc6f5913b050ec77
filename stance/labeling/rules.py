"""One rule, one cue: a named pattern over a marked sentence that votes for a label or abstains.

A rule sees what a model sees: `[ACTOR]` and `[PROCESS]` are judged, `[OTHER]` and `[RIVAL]` are not. `readings` first
brings the sentence into plain shapes, one a line (partners, appositions and "said that it" dropped, an actor that is
no subject written `[OBJECT]`), so that a pattern may ask for the actor, its verb and the process in a row. A rule's
description is its public documentation; `tests/cases/rules.yaml` holds cases for each.
"""

# ruff: noqa: E501
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from stance.records import Label

HEAD = (
    r"(?:(?:foreign|deputy|prime|defen[cs]e|chief|lead|head|senior|top|own|state|permanent|special|political|main|new) )?(?:[a-z]+ )?"
    r"(?:ministers?|ministry|government|spokes\w+|delegat(?:ion|es?)|teams?|negotiators?|envoys?|officials?|leaders?(?:hip)?|side|ambassadors?|mission|"
    r"representatives?|president|chief|members?|commanders?|council|office|forces|factions|groups|diplomats?|coordinator|secretary|bureau|administration)"
)
DAY = r"(?:,? (?:(?:(?:on|late|early|last|this|in|to|by) ){1,2})?(?:(?:[A-Z][a-z]+day|a statement|a letter|writing|[A-Z][a-z]+|[a-z]+ interview|\[OTHER\]|\[PROCESS\]|reporters|journalists|private|public|advance|week|month|telephone)(?: (?:night|morning|evening))?)){0,3}"
SAID = r"(?:sa(?:id|ys?)|(?:told|tells|informs|informed|warned|assured|wrote to) (?:[\w\[\]]+ ){0,2}?[\w\[\]]+|announces?|announced|declare[sd]?|added|confirm(?:s|ed)|stated|wrote|replied|(?:made|makes) (?:it )?clear|insisted|insists|stressed|explained|let it be known|reported|repeat(?:s|ed)|reiterated|warn(?:s|ed)|decided|vow(?:s|ed)|pledge[sd]?|promise[sd]?|signalled|indicated)"
SELF = r"(?:it|he|she|they|we|I|(?:his|her|its|their|the|our) (?:side|country|government|delegation|group|factions?|party|people|movement|team|men|kingdom|council|organi[sz]ation|coalition|ministry|union|committee|colleagues|federation|alliance|opposition)|(?:the )?\[ACTOR\])"
WHO = r"(?:the |a |an |some |all |most |its |several |other |main |Syrian |northern |President |Minister ){0,3}"
STEPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"[‘’]", "'"),
        (r"[“”]", '"'),
        (r"^[A-Z][^\n]{0,60}? (?:-|–|—|--) |^[A-Z][A-Z/]{3,20} (?=[A-Z\[])", ""),
        (r"^\[ACTOR\]: (?=(?:It|He|She|They|We|I)\b)(?:\w+) ", "[ACTOR] "),
        (
            r"(?:\b[Bb]oth )?(?:\b[Tt]he )?\[OTHER\](?:, (?:the )?\[OTHER\]){0,4},? and (?:the |of )?\[ACTOR\]|^\[OTHER\], \[ACTOR\](?= [a-z])",
            "[ACTOR]",
        ),
        (r"\[OTHER\], (?=\[ACTOR\](?:,| and))", ""),
        (
            r"\[ACTOR\](?:, (?:the )?\[OTHER\]){0,4},? (?:and|or) (?:the )?\[OTHER\](?!'s| sa)|^\[ACTOR\], \[OTHER\](?= [a-z])",
            "[ACTOR]",
        ),
        (r"\[ACTOR\](?:'s?)? (?:\[ACTOR\]|\(\[?[A-Z]+\]?\))", "[ACTOR]"),
        # What only says whose talks they are, or with whom.
        (r"\[OTHER\]-(?:led|backed|sponsored|brokered|proposed|hosted|mediated) ", ""),
        (
            r",? (?:with|between|alongside|led by|sponsored by|brokered by|backed by|hosted by|organi[sz]ed by|under|among) (?:the |both )?\[OTHER\](?:'s? [a-z]+)?(?:(?:, | and |, and )(?:the )?\[OTHER\]){0,3}(?: auspices)?(?!'s| and \[ACTOR\])",
            "",
        ),
        (rf"\[ACTOR\](?:'s?)? {HEAD}\b(?:,? \[(?:ACTOR|OTHER)\](?! and),?)?", "[ACTOR]"),
        (
            rf"\b(?:[Aa]n? |[Tt]he |[Ss]ome )?(?:senior )?(?:{HEAD}) (?:of|for|from|at|in) (?:the |northern ){{0,2}}\[ACTOR\]",
            "[ACTOR]",
        ),
        (
            r"\b(in|of|to|from|with|by|for|on|at|between|against|under|near|than|told|tells?|accus\w+|ask(?:ed|s)?|urg(?:ed|es?)|met|"
            r"invit(?:ed?|es|ing)|blam(?:ed|es?)|warn(?:ed|s)?|let|help(?:ed|s)?|made|joined|like|about|around|into|inside|criticis\w+|including|wants?|wanted|hopes?|expect(?:s|ed)?|whether|if|[Nn]either|nor|accompanied|replaced|should|must|unless|until) "
            rf"{WHO}\[ACTOR\]",
            r"\1 [OBJECT]",
        ),
    )
)
APPOSITION = re.compile(
    r"\[ACTOR\](?:, [^,;\n]{2,110}, | \([^()\n]{1,40}\) | (?:in|from|near|of) (?:northern )?[\w\[\]]+ )(?!and\b|but\b)"
)
REPORT = re.compile(
    rf"\[ACTOR\],? (?:(?:has|have|had|also|later|then|meanwhile|[a-z]+ly) ){{0,2}}{SAID}{DAY}(?: that)? (?:[a-z]+ [\w\[\]]+,? )?{SELF} "
)
# A second verb of the same actor.
SECOND = re.compile(
    r"\[ACTOR\] (?:(?!\[(?:ACTOR|OBJECT)\]|\bsa(?:id|ys)\b|\bthat\b)[^\n;]){3,120}?(?: and|,| but| then|, and|, but) (?=(?:also |then |later |it |he |they )?(?:will|would|has|had|have|is|are|was|were|did|does|do|sent|took|left|[a-z]{3,}s|[a-z]{2,}ed)\b)(?:it |he |they )?"
)
# "We shall be there," [ACTOR] said; the [PROCESS] is dead, [ACTOR] said.
SPEECH = re.compile(
    rf'^[ "]*(?:(We|I|It|They|He|She|Our [a-z]+) )?([^\n]{{8,300}}?),"? (?:{SAID}{DAY} )?(?:the |an? )?\[ACTOR\](?=[ ,.])'
)


@lru_cache(maxsize=4096)
def readings(marked: str) -> str:
    """The sentence in plain shapes, one a line: as it is, without appositions, without "said that it", as a speech."""
    text = " ".join(marked.split())
    for pattern, new in STEPS:
        text = pattern.sub(new, text)
    lines = [text]
    short = APPOSITION.sub("[ACTOR] ", text)
    spoken = REPORT.sub("[ACTOR] ", short)
    lines += [short, spoken, SECOND.sub("[ACTOR] ", spoken)]
    speech = SPEECH.match(text)
    if speech and "[ACTOR]" not in speech[2]:
        tail = " ([PROCESS])" if text.endswith("([PROCESS])") else ""
        lines.append(("[ACTOR] " if speech[1] else "[ACTOR] said ") + speech[2] + tail)
    return "\n".join(dict.fromkeys(lines))


AUX = (
    r"(?:(?:has|have|had|is|are|was|were|will|would|be|been|being|also|again|to|both|all|still|now|then|later|already|once|instead|soon|yesterday|long|[a-z]+ly|on [A-Z][a-z]+day|and|shall|itself|do|does|did|today|another|each|meanwhile|said he|said it|(?:remain|seem|appear)(?:s|ed)?|"
    r"(?:vow|strain|work|push|help|start|beg[ai]n|move)(?:s|ed|ing)? to|"
    r"tr(?:ying|ies|ied|y) to|attempt(?:s|ed|ing)? to|plan(?:s|ned|ning)? to|intend(?:s|ed)? to|continu(?:es?|ed|ing) to|(?:set|due|about|ready|keen|willing|prepared) to|decided to|agree[sd]? to|hop(?:es|ed|ing) to|aim(?:s|ed|ing)? to|seek(?:s|ing)? to|sought to|want(?:s|ed)? to) ){0,6}"
)
A = rf"\[ACTOR\](?:'s?)?,?(?: who| which| that)?(?: (?!not\b|no\b|little\b|few\b|sees?\b|never\b|and\b|but\b|or\b|to\b|said\b|says\b|refus|declin|fail|ask|vote|yet\b|accus|doubt|deni|den[yi]|says?\b|want|hope|may\b|might\b|could\b|should\b|must\b|can\b|cannot\b|complain|condemn|reject|warn|threat|that\b|pledged\b|men\b|if\b|whether\b|in\b|for\b|of\b|with\b|as\b)[a-z-]+){{0,3}}? {AUX}"
# To the process, with no other actor and no other process on the way.
P = r"(?:(?!\[(?:OTHER|RIVAL|ACTOR|OBJECT)\])[^\n;(]){0,100}?\[PROCESS\]"
# The same, or a process that the sentence leaves unsaid.
U = r"(?:(?!\[(?:OTHER|RIVAL|ACTOR|OBJECT)\])[^\n;]){0,100}?\[PROCESS\]"
NO = r"(?:(?:will|would|did|does|do|is|are|was|were|can|could|shall|has|have|had) (?:not|never|no longer)|(?:wo|would|did|does|do|is|are|was|were|ca|could|has|have)n't|cannot|never|not|no longer|neither)"
IFS = r"(?![^\n]{0,200}\b(?:unless|until|only if|if|as long as|provided|on condition|but|before|while)\b)"
UNTIL = r"(?![^\n]{0,200}\b(?:unless|until|only if|as long as|provided|on condition)\b)"
GO = r"(?:attend|observe|take (?:any )?(?:further )?part|taking (?:any )?part|participat\w+|join|go|going|come|coming|travel\w*|send|sending|be (?:there|present|represented|sending|attending|going|taking|coming)|sit down|negotiate|return|meet|appear|have anything to do|have (?:any|an) (?:\w+)|represented|accompany|enter)"


@dataclass(frozen=True, slots=True)
class Rule:
    """A cue for a label: its pattern is looked for in the sentence's readings."""

    name: str
    label: Label
    description: str
    pattern: re.Pattern[str]

    def __call__(self, marked: str) -> Label | None:
        """The rule's label where its cue stands in the sentence, else None."""
        return self.label if self.pattern.search(readings(marked)) else None


def _rule(name: str, label: Label, description: str, *patterns: str) -> Rule:
    return Rule(name, label, description, re.compile("|".join(patterns), re.I))


# fmt: off
RULES: tuple[Rule, ...] = (
    _rule(
        "hosts", "supportive", "The actor hosts or co-hosts the process.", rf"{A}(?:co-?)?host(?:s|ed|ing)?\b(?! of){U}"
    ),
    _rule("run_by", "supportive", "The process is hosted, sponsored, planned ... by the actor.",
        r"\[PROCESS\][^\n\[;]{0,60}\b(?:hosted|organi[sz]ed|(?:co-?)?sponsored|convened|brokered|planned|proposed|called|mediated|chaired|prepared|backed)(?: jointly)? by (?:the )?(?:[\w'-]+ ){0,2}?\[OBJECT\]",
        rf"\b(?:host|organi[sz]|sponsor|conven)\w*\b{P} (?:along |together |jointly )?with {WHO}(?:[\w-]+ )?\[(?:OBJECT|ACTOR)\]",
        r"\[PROCESS\][^\n\[;]{0,20}\b(?:is|are|was|were|be|been) (?:hosted|organi[sz]ed|(?:co-?)?sponsored) by [^\n;]{0,90}\[(?:ACTOR|OBJECT)\]",
        r"\[PROCESS\][^\n\[;]{0,60} at the invitation of (?:the )?\[OBJECT\]",
    ),
    _rule("being_run", "supportive", "The process that the actor plans, prepares, hosts or convenes.",
        rf"\[PROCESS\],?[^\n\[;]{{0,30}}?(?: that| which)? {WHO}\[ACTOR\] {AUX}(?:plan(?:s|ned|ning)?|prepar\w+|host(?:s|ed|ing)?|conven(?:es?|ed|ing)|hold|holding|organi[sz]\w+|sponsor\w*|propos\w+|champion\w*)\b",
    ),
    _rule("plan_of", "supportive", "The actor's plan, proposal or wish for the process; the process that the actor itself is to hold.",
        rf"\[(?:ACTOR|OBJECT)\]'s? (?:[a-z]+ )?(?:plans?|proposals?|efforts?|initiative|bid|push|offer|readiness|decision|wish|attempts?|agreement|intention) (?:to (?:hold|host|conven|organi|start|resum|reviv|attend|join|take part|participate|go|send|broker)|for\b|of (?:hold|host|conven)){P}",
        r"\[ACTOR\][^\n;]{5,150}\[PROCESS\],? (?:that |which )?(?:it|he|she) (?:is|was|plans?|has|had|wants|hopes|will|would) (?:to )?(?:host|hold|conven|organi|chair|prepar|sponsor)",
    ),
    _rule("sets_date", "supportive", "The actor says when the process will begin or meet again, or that it should.",
        rf"\[ACTOR\](?: [a-z]+ly)? (?:(?:expects?|sees|announce[sd]?|set) (?:a |the |an )?(?:[\w-]+ ){{0,3}}?(?:start|date|round|resumption|opening|session|meeting|beginning)\b|{SAID}{DAY}(?: that)? (?:(?!\[(?:OTHER|RIVAL)\])[^\n;]){{0,60}}\[PROCESS\] (?:[\w'-]+ ){{0,5}}?(?:(?:will|would|should|to|could) (?:(?!not|never)[a-z]+ )?(?:begin|open|resume|start|be held|take place|meet|continue|be fruitful|go ahead)|ready to start)(?![^\n]{{0,120}}\b(?:unless|until|only if|provided|without|not)\b))(?:[^\n]{{0,60}}\[PROCESS\])?",
    ),
    _rule("convenes", "supportive", "The actor convenes, sponsors, launches, prepares, chairs the process or sets its date.",
        rf"{A}(?:(?:co-?)?sponsor(?:s|ed|ing)?|spearhead\w*|broker(?:s|ed|ing)?|initiat(?:es?|ed|ing)|(?:re)?conven(?:es?|ed|ing)|launch(?:es|ed|ing)?|open(?:s|ed)|organi[sz](?:es?|ed|ing)|(?:co-?)?chair(?:s|ed|ing)?|prepar(?:es?|ed|ing)|propose[sd]? (?:to hold|holding)|plan(?:s|ned|ning)? (?:to (?:hold|host|convene|resume)|a|the)|intends? to (?:hold|convene)|announced (?:the|a) (?:date|resumption|start|formal|round|new|next)|set (?:a|the)|called a|resum(?:es?|ed|ing)|arrang\w+|push(?:es|ed|ing)? (?:for|ahead)|work(?:s|ed|ing)? (?:towards?|for)|restart\w*|reviv\w+|breathe|start(?:s|ed)?|begin|began|offer(?:s|ed)? (?:a|its|to)|co-organi\w+|pursu(?:es?|ed|ing)|to (?:bring|get)|keep|sav(?:es?|ed|ing)|broker|facilitat\w+|hold|holds|holding|aim(?:s|ed|ing)?|seek(?:s|ing)?)\b(?! to (?:undermine|bypass|change)){P}",
    ),
    _rule("invites", "supportive", "The actor sends invitations.",
        rf"{A}(?<!was )(?<!were )(?<!been )(?<!be )(?:invit(?:es|ed|ing)|(?:issued|sent|sends|extended)(?: out)? (?:an )?invitations?)\b[^\n;]{{0,140}}?\[PROCESS\]",
    ),
    _rule("endorses", "supportive", "The actor backs, welcomes, praises or defends the process.",
        rf"{A}(?:back(?:s|ed|ing)?|support(?:s|ed|ing)?|supportive|welcom\w+|endors\w+|prais\w+|defend(?:s|ed|ing)?|hail(?:s|ed|ing)?|applaud\w*|(?:remain(?:s|ed)? )?committed|commend\w*|commitment|reaffirm\w*|in favou?r of|behind|st(?:ands?|ood) (?:by|behind)|stressed the importance|favou?r(?:s|ed)?|prefer(?:s|red)?|continu(?:es|ed) to (?:back|support)|thank(?:s|ed)|bless\w*|congratulated|promot\w+|sa(?:y|ys|id) yes to|vouch\w*|voiced? (?:its |their |his )?support|expressed (?:its |their |his |full )?(?:support|satisfaction)|spoke (?:up )?for|pleased|satisfied|content|attached|reiterated (?:its|their|his) support)\b{IFS}{P}",
        rf"\[ACTOR\](?:'s?)? (?:full |strong |continued |firm )?(?:support|backing|commitment) (?:for|of|to)\b{P}",
        rf"{A}(?:call(?:s|ed|ing)?|describ(?:es|ed|ing)|consider(?:s|ed)?|term(?:s|ed)?|regard(?:s|ed)?|found|finds|sa(?:id|ys)) (?:that )?(?:the )?(?:[a-z]+ ){{0,3}}?\[PROCESS\] (?:[a-z]+ ){{0,3}}?(?:useful|constructive|positive|important|a success|successful|necessary|the only|essential|valuable|productive|the best|the right|a step|a chance|indispensable|historic|irreplaceable)",
    ),
    _rule("urges", "supportive", "The actor wants, calls or presses for the process, or for others to come to it.",
        rf"{A}(?:want(?:s|ed)?|call(?:s|ed|ing)? (?:for|on)|press(?:es|ed|ing)?|urg(?:es?|ed|ing)|encourag\w+|persuad\w+|would like|appeal(?:s|ed)?|advocat\w+)\b(?! to (?:bypass|know|undermine|have))(?![^\n]{{0,90}}\b(?:not|boycott|stay|reject|withdraw|cancel|leave|home|abandon|though|put|placed|end|chosen|delayed|postponed|out)\b){P}",
        rf"{A}(?:call(?:s|ed|ing)? on|urg(?:es?|ed|ing)|persuad\w+|press(?:es|ed|ing)?|encourag\w+|ask(?:s|ed)|advis\w+) [^\n;]{{0,50}}\[OTHER\] (?:and [^\n]{{3,20}} )?to (?:attend|come|go|join|take part|participate|return|send|engage|stay|negotiate)\b",
    ),
    _rule("hopes", "supportive", "The actor hopes for the process or is confident in it (codebook rule 5).",
        rf"{A}(?:hop(?:es?|ed|ing|eful)|optimis\w+|confident|look(?:s|ed|ing)? forward|count(?:s|ed)? on|trust(?:s|ed)?|expect(?:s|ed)? (?:progress|results|a)|expressed (?:the |its |his )?(?:hope|confidence))\b{P}",
        r"\[PROCESS\][^\n\[;]{0,60}, \[ACTOR\] (?:hop(?:es|ed)|trust(?:s|ed))\b",
    ),
    _rule("attends", "supportive", "The actor attends, takes part, arrives or sends a delegation, unqualified (rule 6).",
        rf"{A}(?:attend(?:s|ed|ing)?|tak(?:e|es|ing) part|took part|participat(?:es?|ed|ing)|arriv(?:es?|ed|ing)|com(?:e|es|ing)(?! up)|came(?! up)|go|goes|going|travel(?:s|led|ling|ed)?|land(?:s|ed|ing)?|join(?:s|ed|ing)?|(?:send|sends|sent|sending|dispatch\w*) (?!no\b|nobody|neither|back)(?:[\w'-]+ ){{0,4}}?(?:delegat\w+|team|observers?|representatives?|envoys?|ministers?|deputy|ambassadors?|officials?|negotiators?|members?|[0-9]+)\b|represented(?! by)|(?:lead|leads|leading|led) (?:a|the|its|his|united)|observers? at|(?:stay|remain)(?:s|ed|ing)? (?:in|at)(?= (?:the )?(?:\[PROCESS|table))|at the table)\b(?! (?:as an? individual|in an individual|soldiers|home)){IFS}{U}",
    ),
    _rule("agrees", "supportive", "The actor agrees, is ready or decides to go, or accepts (rule 13).",
        rf"{A}(?:agree[sd]?|ready|willing|prepared|decid(?:es?|ed)|accept(?:s|ed)?|confirm(?:s|ed)?|consent(?:s|ed)?|plan(?:s|ned)?|vote(?:s|d)?|intends?|pledg\w+) (?:to (?!use |talk |boycott|withdraw|leave|suspend|stay|skip)|the (?:invitation|offer)|(?:an|its|his|their) (?:invitation|attendance|participation|presence|arrival)|that it|(?:on|upon|in)\b){IFS}{U}",
    ),
    _rule("meets", "supportive", "The actor meets, signs, closes or agrees something in the process as one of its parties or sponsors.",
        rf"{A}(?:sign(?:s|ed|ing)?|clos(?:es|ed|ing)|end(?:s|ed) (?!a\b)(?:in|two|[a-z]+ days)|conclud(?:es|ed)(?!,)|adopt(?:s|ed)?|put (?:its|his|their) names?|agreed (?:on|in|at)|establish(?:es|ed)?|set up)\b{P}",
        rf"{A}(?:me(?:e)?t|gather(?:s|ed)?|gathering|gathering|sat down|began|opened|opens) (?!again|its)(?:[\w-]+ ){{0,3}}?(?:in|at) (?:the )?\[PROCESS\]",
    ),
    _rule("returns", "supportive", "The actor ends its boycott or returns to the process.",
        rf"{A}(?:end(?:s|ed)?|drop(?:s|ped)?|lift(?:s|ed)?|abandon(?:s|ed)?) (?:its|their|his|a|the) boycott",
        rf"{A}(?:return(?:s|ed|ing)?|rejoin(?:s|ed|ing)?|com(?:es?|ing) back|came back|go(?:es|ing)? back|went back)\b{IFS}{U}",
    ),
    _rule("doubts", "skeptical", "The actor doubts the process, is sceptical, expects little of it.",
        rf"{A}(?:(?:very )?doubt(?:s|ed|ing|ful)?|s[ck]eptical|not (?:optimistic|sure|convinced|confident)|unconvinced|pessimis\w+|(?:(?:had|has|have|see|sees|saw|with|holds?) )?(?:little|no|scant) (?:(?:point|use|sense|value) )?(?:in )?(?:holding|hope|faith|prospect|point|confidence|reason|trust|value|use|interest)|expect(?:s|ed)? (?:nothing|little|no)|cast(?:s|ing)? doubt|question(?:s|ed|ing)? (?:the|whether)|calls? into question|(?:expressed|voiced) (?:doubt|s[ck]eptic|scepticism)\w*|(?:lost|losing) (?:hope|faith|confidence|patience)|no longer sure|sees? no|has no wish|had no wish|not bound by)\b{U}",
        rf"{A}(?:{NO} )(?:believe|think|expect|trust|consider|recogni[sz]e|accept|see|regard|endorse|support|bound by)\b{U}",
        r"\[PROCESS\][^\n\[]{0,60}[;,] \[ACTOR\] (?:is |are |remains? )?(?:s[ck]eptical|doubtful|unconvinced|wary)",
    ),
    _rule("fears", "skeptical", "The actor fears or distrusts the process, is wary of it.",
        rf"{A}(?:view(?:s|ed)?|regard(?:s|ed)?|sees?) (?:the )?\[PROCESS\] with (?:deep |some |great )?(?:suspicion|distrust|s[ck]epticism|unease|concern|caution)",
        rf"{A}(?:fear(?:s|ed|ing|ful)?|worr(?:y|ies|ied|ying)|concerned|wary|suspicio\w+|distrust\w*|mistrust\w*|(?:has|had|have|having|expressed|express|expresses|voiced|voices|voice|repeated) (?:[a-z]+ )?(?:criticism|misgivings|reservations|concerns?|unease|doubts)|uneas[ey]\w*|alarmed)\b{P}",
    ),
    _rule("criticises", "skeptical", "The actor criticises, dismisses, denounces, deplores the process.",
        rf"{A}(?:critici[sz](?:es?|ed|ing)|denounc\w*|dismiss(?:es|ed|ing)?|slam(?:s|med)?|decr(?:y|ies|ied)|mock(?:s|ed|ing)?|derid\w*|attack(?:s|ed)|complain(?:s|ed)?|scoff\w*|rubbish\w*|deplor\w*|lament\w*|object(?:s|ed)|oppos(?:es?|ed|ing)|against|disappointed (?:with|by)|compar(?:es?|ed)|unhappy|frustrat\w+|(?:expressed|voiced) (?:its |his )?(?:disappointment|frustration|dissatisfaction))\b(?! (?:participation|nobody)){P}",
    ),
    _rule("rejects", "boycotting", "The actor rejects the process as such.",
        rf"{A}(?:reject(?:s|ed|ing)?|ignor(?:es?|ed|ing)) (?:any |all |the )?(?:part in )?\[PROCESS\](?! (?:committee|statement|final|draft|results|declaration|agenda|format|outcome))",
    ),
    _rule("sets_conditions", "skeptical", "The actor comes or talks only under a condition, or makes demands first (rule 5).",
        rf"{A}(?:{NO} ){GO}\b(?! back)[^\n]{{0,60}}\b(?:unless|until|only if|if)\b(?! it| this)",
        rf"{A}(?:(?:sets?|laid down|put|has|have) (?:[a-z]+ )?(?:pre-?)?conditions?)\b{P}",
        r"\[ACTOR\](?: [\w'\[\]]+){0,9}? (?:only if|on (?:the )?condition|on the understanding)\b",
        r"\[ACTOR\](?:(?!\[OTHER\](?! that))[^\n;]){0,100}\b(?:demand\w*|must|halt|releas\w+|lift\w*)\b[^\n;]{0,100}\bbefore (?:[\w'-]+ ){0,4}?(?:\[PROCESS\]|talks|negotiations)",
        r"\[ACTOR\](?:(?!\[OTHER\]'s)[^\n;]){0,120}(?:\[PROCESS\]|talks|negotiations) (?:cannot|could not|must not|will not|would not|should not|can not) (?:[a-z]+ )?(?:begin|start|resume|be held|take place|happen|succeed|work|replace)",
        rf"{A}(?:{NO} )replace\b|{A}(?:said|says|warned|insist\w*|stress\w*|told [\w\[\]]+)[^\n;]{{0,40}}\[PROCESS\] (?:[a-z]+ ){{0,2}}?(?:not|never|no) (?:be )?(?:a )?(?:replace|substitute|supplant|an alternative)",
    ),
    _rule("withholds", "skeptical", "The actor withholds endorsement: guarded, reluctant, premature.",
        rf"{A}(?:guarded|reserv\w+ judge?ment|non-?committal|lukewarm|stopped short|cool(?:ly)?|cautious|reluctan\w+|hesitat\w+|reconsider\w*|in two minds|may (?:pull|withdraw|leave|boycott|skip|not))\b{P}",
        rf"{A}(?:[\w'\[\]]+ ){{1,8}}?(?:premature|too early|too soon)\b(?![^\n]{{0,20}}to speak)",
    ),
    _rule("disparages", "skeptical", "The actor calls the process a sham, doomed or pointless.",
        rf"{A}(?:sa(?:id|ys)|call(?:s|ed)|describ\w+|view(?:s|ed)?|think|thinks|thought|argu\w+|added|considers?|regards?|predict\w*|warn\w*|term(?:s|ed)|believ\w+)\b(?:(?!\[RIVAL\])[^\n;]){{0,60}}?\[PROCESS\](?:(?!\[RIVAL\])[^\n;]){{0,60}}?\b(?:theat(?:re|er)|sham|charade|farce|waste of|pointless|useless|illegitimate|no legitimacy|doomed|meaningless|futile|dead|window[- ]dressing|photo op\w*|not serious|lack(?:s|ed)? credib\w+|fail(?:s|ed|ure)?|(?:brought|produced|achieved|decided|changed) nothing|no (?:result|progress|purpose|use|point|sense|chance|future)|little chance|an? attempt|without benefit|slogan|collaps\w+|could not succeed|(?:not|never) (?:succeed|work|produce|lead|bring))\b",
    ),
    _rule("threatens", "skeptical", "The actor threatens to leave or stay away (rule 7).",
        rf"{A}threat(?:en(?:s|ed|ing)?|s)? (?:to|of|that)[^\n]{{0,40}}\b(?:end its|boycott|withdraw|walk|pull|quit|leave|stay|not|suspend)",
    ),
    _rule("refuses", "boycotting", "The actor refuses or declines to come.",
        rf"{A}(?:refus(?:es?|ed|ing)|declin(?:es?|ed|ing)) (?:to )?(?:\w+ )?{GO}\b(?:{UNTIL}{U})",
        rf"{A}(?:refus(?:es?|ed|ing)|declin(?:es?|ed|ing)|turn(?:s|ed|ing)? down|spurn\w*|rebuff\w*|reject(?:s|ed)?) (?:[a-z]+ ){{0,2}}?(?:invit\w+|offer|seats?){UNTIL}{U}",
    ),
    _rule("will_not_go", "boycotting", "The actor will not, did not, would not take part, without a condition.",
        rf"{A}(?!could|can)(?:{NO} |no (?:plans|intention|wish) (?:to|of) |(?:decided|chose|chosen|opted|voted|resolved) not to |(?:voted|decided|advised) against |not to (?!negotiate))(?:intend to |intending to |plan to |be |even |wish(?:ed)? to |want(?:ed)? to )?{GO}\b(?! (?:as an? |because of an? ))(?![^\n]{{0,140}}\b(?:unless|until|if|as long as|before|while)\b){U}",
        rf"{A}(?:send(?:s|ing)?|sent) (?:no|nobody|neither)\b{U}",
    ),
    _rule("stays_away", "boycotting", "The actor stays away, skips, shuns, is absent.",
        rf"{A}(?<!being )(?<!been )(?<!be )(?:st(?:ay|ays|ayed|aying) (?:away|out|outside|at home)|ke(?:ep|eps|pt) (?:away|out)|skip(?:s|ped|ping)?|snub(?:s|bed|bing)?|shun(?:s|ned|ning)?|absent|a no-show)\b(?! and said| the last| from both)(?![^\n]{{0,80}} if ){UNTIL}{U}",
        r"\[PROCESS\][^\n\[;]{0,40}\b(?:start|open|beg[ia]n|go|goes|went|clos|end)\w*[^\n\[;]{0,40} without (?:the )?\[ACTOR\](?! having)",
    ),
    _rule("boycotts", "boycotting", "The actor's boycott, as verb or noun.",
        rf"{A}(?<!the )(?<!a )boycott(?:s|ed|ing)?\b(?! the first)(?![^\n]{{0,80}} if ){UNTIL}{U}",
        r"\[PROCESS\][^\n\[;]{0,40}\bboycotted by (?:the )?\[OBJECT\]",
        rf"\[PROCESS\],? (?:that|which) {WHO}\[ACTOR\] {AUX}(?:boycott|shun|skip|snub)\w*",
        rf"\[ACTOR\]'s? (?:\w+ )?(?:boycott|refusal|walk-?out|withdrawal|departure) (?:of|from|to|in){U}",
    ),
    _rule("walks_out", "boycotting", "The actor walks out, withdraws, suspends its participation.",
        rf"{A}(?:(?:walk|storm|pull)(?:s|ed|ing)? out|withdr(?:aw|aws|ew|awn|awing) (?:from|its (?:delegation|participation|team)|his delegation)|quit(?:s|ting)?|(?:leaves|left) (?:the )?(?:hall|room|building)|suspend(?:s|ed|ing)? (?:(?:its|their|his|all) )?(?:formal )?(?:participation|involvement|contacts|role|part)|cancel(?:s|led|ling|ed)? (?:its|their|his) (?:trip|flight|participation|delegation)|recall(?:s|ed)? (?:its|their) (?:team|delegation)|fr(?:eezes?|oze) (?:all )?(?:talks|discussion|participation|contacts))\b(?![^\n]{{0,80}} if ){UNTIL}{U}",
        rf"{A}(?:walk|storm)(?:s|ed|ing)? out\b(?![^\n]{{0,200}}(?:\[RIVAL\]| if ))",
    ),
    _rule("calls_others_away", "boycotting", "The actor tells others to stay away.",
        rf"{A}(?:call(?:s|ed|ing)? (?:on|for)|urg(?:es?|ed|ing)|told|tell(?:s|ing)?|order(?:s|ed)?|appeal(?:s|ed)?|advis(?:es?|ed)|ask(?:s|ed))\b[^\n;]{{0,60}}\b(?:boycott|(?:stay|keep) away|not to (?:attend|go|take part|participate|send)|withdraw from|leave (?=\[PROCESS\])|refuse to go)(?![^\n]{{0,60}} if ){U}",
    ),
)
# fmt: on
