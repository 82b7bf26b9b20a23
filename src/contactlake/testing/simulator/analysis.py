"""The text of conversation-analysis files: turns, sentiment, talk and non-talk time of the contact's real length."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from contactlake.testing.simulator.chance import between, pick, uuid4
from contactlake.testing.simulator.clock import iso, iso_seconds
from contactlake.testing.simulator.contact import Contact
from contactlake.testing.simulator.delivery import dated
from contactlake.testing.simulator.world import World

SAID = {
    "AGENT": (
        "Thank you for calling, how can I help you?", "Let me look that up for you.", "I have changed the order now.",
        "Could you tell me the number, please?", "I will send you a confirmation today.", "Is there anything else?",
    ),
    "CUSTOMER": (
        "My parcel has not arrived.", "I would like to change my plan.", "The invoice is wrong.", "Yes, that is right.",
        "Great, thank you very much.", "I have been waiting for a week.", "Can you call me back tomorrow?",
    ),
}  # fmt: skip
DETECTED = {
    "invoice": "IssuesDetected", "parcel": "IssuesDetected", "confirmation": "ActionItemsDetected",
    "changed": "OutcomesDetected",
}  # fmt: skip
SENTIMENTS = ("NEUTRAL", "NEUTRAL", "POSITIVE", "NEGATIVE", "MIXED")
Turn = tuple[str, str, int, int, str]
"""(id, who, begin, end, text)"""


def analysis_files(world: World, c: Contact, at: int, rng: Random) -> list[tuple[str, str]]:
    """(name, text) of the original and, for some contacts, of its redacted twin."""
    channel = "Voice" if c.channel == "VOICE" else "Chat"
    turns = _turns(c, rng)
    stamp = iso_seconds(at).replace(":", "_")
    seed = rng.getrandbits(32)
    made = [(dated(f"Analysis/{channel}", at, f"{c.id}_analysis_{stamp}.json"), _text(world, c, turns, seed, "Raw"))]
    if c.bits & 0x40000:
        name = dated(f"Analysis/{channel}/Redacted", at, f"{c.id}_analysis_redacted_{stamp}.json")
        hidden = [(i, who, b, e, text.replace("number", "[PII]")) for i, who, b, e, text in turns]
        made.append((name, _text(world, c, hidden, seed, "Redacted")))
    return made


def _turns(c: Contact, rng: Random) -> list[Turn]:
    """Turns that fill the conversation, with pauses and, now and then, an interruption."""
    length = (c.left or 0) - (c.answered or 0)
    count = max(2, min(20, length // 12_000))
    step = length // count
    turns: list[Turn] = []
    for i in range(count):
        who = "AGENT" if i % 2 == 0 else "CUSTOMER"
        begin = i * step + (between(rng, 0, step // 8) if i else 0)
        end = min(length, begin + step * between(rng, 60, 105) // 100)
        turns.append((uuid4(rng), who, begin, max(begin, end), pick(rng, SAID[who])))
    return turns


def _text(world: World, c: Contact, turns: list[Turn], seed: int, output: str) -> str:
    length = (c.left or 0) - (c.answered or 0)
    voice = c.channel == "VOICE"
    matched = seed % 3 == 0
    words = '["Order change"]' if matched else "[]"
    if voice:
        points = f'{{"BeginOffsetMillis":{turns[0][2]},"EndOffsetMillis":{turns[0][3]}}}'
    else:
        points = f'{{"TranscriptItems":[{{"Id":"{turns[0][0]}"}}]}}'
    details = f'{{"Order change":{{"PointsOfInterest":[{points}]}}}}' if matched else "{}"
    kinds = '"RedactionTypes":["PII"],"RedactionTypesMetadata":{"PII":{"RedactionMaskMode":"PII"}},'
    metadata = f'{{{kinds if output == "Redacted" else ""}"Output":"{output}"}}'
    folder = "CallRecordings" if voice else "ChatTranscripts"
    source = f"s3://{world.alias}-data/connect/{world.alias}/{folder}/{c.id}"
    transcript = ",".join(_turn(turn, i, seed, c) for i, turn in enumerate(turns))
    version = '"Version":"1.1.0"' if voice else '"ChatTranscriptVersion":"2019-08-26","Version":"CHAT-2022-11-30"'
    return (
        f'{{"AccountId":"{world.account}","Categories":{{"MatchedCategories":{words},"MatchedDetails":{details}}},'
        f'"Channel":"{c.channel}","ContentMetadata":{metadata},'
        f'"ConversationCharacteristics":{_voice(turns, length, seed) if voice else _chat(turns, seed)},'
        f'"CustomModels":[],"CustomerMetadata":{{"ContactId":"{c.id}","InputS3Uri":"{source}",'
        f'"InstanceId":"{world.id}"}},"JobStatus":"COMPLETED","LanguageCode":"en-US","Participants":['
        '{"ParticipantId":"AGENT","ParticipantRole":"AGENT"},'
        f'{{"ParticipantId":"CUSTOMER","ParticipantRole":"CUSTOMER"}}],"Transcript":[{transcript}],{version}}}'
    )


def _score(seed: int, i: int) -> float:
    """A sentiment score in tenths, from minus five to five."""
    return ((seed >> i) % 101 - 50) / 10


def _found(text: str) -> str | None:
    """What the analysis detects in a sentence, by the key under which it stands."""
    return next((kind for word, kind in DETECTED.items() if word in text), None)


def _offsets(text: str) -> str:
    return f'"CharacterOffsets":{{"BeginOffsetChar":0,"EndOffsetChar":{len(text)}}}'


def _turn(turn: Turn, i: int, seed: int, c: Contact) -> str:
    """A turn of the transcript: a call's with offsets, loudness, sentiment and findings, a chat's with its time."""
    id, who, begin, end, text = turn
    if c.channel == "CHAT":
        return (
            f'{{"AbsoluteTime":"{iso((c.answered or 0) + begin)}","Content":"{text}","ContentType":"text/plain",'
            f'"DisplayName":"{who.title()}","Id":"{id}","ParticipantId":"{who}","ParticipantRole":"{who}",'
            '"Type":"MESSAGE"}'
        )
    kind = _found(text)
    found = f',"{kind}":[{{{_offsets(text)},"Text":"{text}"}}]' if kind else ""
    mood, loud = SENTIMENTS[(seed >> i % 20) % 5], f"{60 + (seed >> i % 16) % 300 / 10:.1f}"
    return (
        f'{{"BeginOffsetMillis":{begin},"Content":"{text}","EndOffsetMillis":{end},"Id":"{id}",'
        f'"LoudnessScore":[{loud}],"ParticipantId":"{who}","Sentiment":"{mood}"{found}}}'
    )


def _instance(begin: int, end: int) -> str:
    return f'{{"BeginOffsetMillis":{begin},"DurationMillis":{end - begin},"EndOffsetMillis":{end}}}'


def _voice(turns: list[Turn], length: int, seed: int) -> str:
    """Characteristics of a call, added up from its turns."""
    talk = {who: sum(e - b for _, w, b, e, _ in turns if w == who) for who in ("AGENT", "CUSTOMER")}
    gaps = [(a[3], b[2]) for a, b in pairwise(turns) if b[2] - a[3] > 300]
    cuts = [(b[1], b[2], min(a[3], b[3])) for a, b in pairwise(turns) if b[2] < a[3]]
    by = []
    for who in ("AGENT", "CUSTOMER"):
        mine = [_instance(b, e) for w, b, e in cuts if w == who]
        by += [f'"{who}":[{",".join(mine)}]'] if mine else []
    idle = ",".join(_instance(b, e) for b, e in gaps)

    def quarters(who: int) -> str:
        return ",".join(
            f'{{"BeginOffsetMillis":{length * q // 4},"EndOffsetMillis":{length * (q + 1) // 4},'
            f'"Score":{_score(seed, 3 + who * 4 + q)}}}'
            for q in range(4)
        )

    return (
        '{"ContactSummary":{"PostContactSummary":{"Content":"The customer asked about an order; it was settled."}},'
        f'"Interruptions":{{"InterruptionsByInterrupter":{{{",".join(by)}}},"TotalCount":{len(cuts)},'
        f'"TotalTimeMillis":{sum(e - b for _, b, e in cuts)}}},"NonTalkTime":{{"Instances":[{idle}],'
        f'"TotalTimeMillis":{sum(e - b for b, e in gaps)}}},"Sentiment":{{"OverallSentiment":{_both(seed)},'
        f'"SentimentByPeriod":{{"QUARTER":{{"AGENT":[{quarters(0)}],"CUSTOMER":[{quarters(1)}]}}}}}},"TalkSpeed":{{"DetailsByParticipant":'
        f'{{"AGENT":{{"AverageWordsPerMinute":{120 + seed % 80}}},'
        f'"CUSTOMER":{{"AverageWordsPerMinute":{110 + seed % 90}}}}}}},'
        f'"TalkTime":{{"DetailsByParticipant":{{"AGENT":{{"TotalTimeMillis":{talk["AGENT"]}}},'
        f'"CUSTOMER":{{"TotalTimeMillis":{talk["CUSTOMER"]}}}}},"TotalTimeMillis":{sum(talk.values())}}},'
        f'"TotalConversationDurationMillis":{length}}}'
    )


def _both(seed: int) -> str:
    return f'{{"AGENT":{_score(seed, 1)},"CUSTOMER":{_score(seed, 2)}}}'


def _chat(turns: list[Turn], seed: int) -> str:
    """Characteristics of a chat."""

    def pace(n: int) -> str:
        return (
            f'{{"Average":{{"ValueMillis":{n}}},"Maximum":{{"TranscriptItems":[{{"Id":"{turns[-1][0]}"}}],'
            f'"ValueMillis":{n * 2}}}}}'
        )

    shift = f'{{"BeginScore":{_score(seed, 5)},"EndScore":{_score(seed, 6)}}}'
    found: dict[str, list[str]] = {"ActionItemsDetected": [], "IssuesDetected": [], "OutcomesDetected": []}
    for id, _, _, _, text in turns:
        if kind := _found(text):
            found[kind].append(f'{{"TranscriptItems":[{{{_offsets(text)},"Id":"{id}"}}]}}')
    items = ",".join(f'"{kind}":[{",".join(each)}]' for kind, each in found.items())
    return (
        '{"ContactSummary":{"PostContactSummary":{"Content":"The customer asked by chat; it was settled."},'
        f'"SummaryItemsDetected":[{{{items}}}]}},'
        f'"ResponseTime":{{"AgentGreetingTimeMillis":{turns[0][3] - turns[0][2]},"DetailsByParticipantRole":'
        f'{{"AGENT":{pace(4000 + seed % 3000)},"CUSTOMER":{pace(6000 + seed % 5000)}}}}},"Sentiment":'
        '{"OverallSentiment":{"DetailsByInteraction":{"DetailsByParticipantRole":{"CUSTOMER":'
        f'{{"WithAgent":{_score(seed, 3)}}}}}}},"DetailsByParticipantRole":{_both(seed)}}},'
        f'"SentimentShift":{{"DetailsByParticipantRole":{{"AGENT":{shift},"CUSTOMER":{shift}}}}}}}}}'
    )
