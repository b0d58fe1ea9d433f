"""What a voice of the catalog says about itself, and which of espeak-ng's accents comes closest."""

from collections.abc import Mapping

# One sentence in each language; {name} is the voice's name.
SENTENCES: Mapping[str, str] = {
    "en": "Hello, I am {name}. This is how your script will sound when I read it.",
    "es": "Hola, soy {name}. Así sonará tu texto cuando yo lo lea.",
    "fr": "Bonjour, je suis {name}. Voici comment votre texte sonnera avec ma voix.",
    "de": "Hallo, ich bin {name}. So klingt Ihr Text, wenn ich ihn vorlese.",
    "nl": "Hallo, ik ben {name}. Zo klinkt jouw tekst als ik hem voorlees.",
    "it": "Ciao, sono {name}. Ecco come suonerà il tuo testo con la mia voce.",
    "pt": "Olá, eu sou {name}. É assim que o seu texto vai soar na minha voz.",
    "pl": "Cześć, jestem {name}. Tak zabrzmi twój tekst, kiedy go przeczytam.",
    "cs": "Dobrý den, jsem {name}. Takto bude znít váš text, když ho přečtu.",
    "ro": "Bună, sunt {name}. Așa va suna textul tău când îl citesc eu.",
    "ru": "Здравствуйте, я {name}. Так будет звучать ваш текст.",
    "uk": "Вітаю, я {name}. Так звучатиме ваш текст.",
    "tr": "Merhaba, ben {name}. Metniniz benim sesimle böyle duyulacak.",
    "ar": "مرحبا، هكذا سيبدو نصك عندما أقرأه بصوتي.",
    "hi": "नमस्ते, आपका पाठ मेरी आवाज़ में ऐसा सुनाई देगा।",
    "ja": "こんにちは。あなたのぶんしょうは、このこえで よまれます。",
    "ko": "안녕하세요. 여러분의 글은 제 목소리로 이렇게 들립니다.",
    "zh": "你好，我会用这样的声音朗读你的文案。",
    "id": "Halo, saya {name}. Beginilah naskah Anda terdengar dengan suara saya.",
    "ms": "Helo, saya {name}. Beginilah skrip anda akan berbunyi dengan suara saya.",
    "vi": "Xin chào, tôi là {name}. Văn bản của bạn sẽ nghe như thế này.",
    "th": "สวัสดีค่ะ ข้อความของคุณจะฟังดูเป็นแบบนี้",
    "fil": "Kumusta, ako si {name}. Ganito ang tunog ng iyong teksto sa aking boses.",
}
ACCENTS: Mapping[str, str] = {
    "American": "en-us",
    "British": "en-gb",
    "Australian": "en-gb",
    "Indian": "en-gb",
    "Singaporean": "en-gb",
    "Spanish": "es",
    "Mexican": "es-419",
    "Argentinian": "es-419",
    "Colombian": "es-419",
    "Brazilian": "pt-br",
    "Portuguese": "pt",
}


def sentence_in(language: str, name: str) -> str:
    """The sentence of a language such as "zh-Hant"; in English for one that has none."""
    return SENTENCES.get(language.split("-")[0].lower(), SENTENCES["en"]).format(name=name)


def accent_of(language: str, accent: str) -> str:
    """The language to hand to `speak` for a voice with this accent."""
    near = ACCENTS.get(accent, "")
    return near if near.split("-")[0] == language.split("-")[0].lower() else language
