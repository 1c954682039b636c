"""A Whisper model with next to no weights, all of them random: what it hears is nonsense, but it loads as any other."""

import importlib
import json
from pathlib import Path
from typing import Any

_LANGUAGES = 99
_FIRST = 50257  # of the special tokens, as all multilingual models have them


def convert(folder: Path) -> Path:
    """Make the model, converted for faster-whisper, and return its folder."""
    tokenizers, transformers = (importlib.import_module(name) for name in ("tokenizers", "transformers"))
    converters = importlib.import_module("ctranslate2.converters")
    source, made = folder / "source", folder / "tiny"
    tokenizer = _tokenizer(tokenizers)
    size = tokenizer.get_vocab_size() + 1501  # and the times
    _model(transformers, size).save_pretrained(source)

    class Converter(converters.TransformersConverter):  # type: ignore[name-defined, misc]
        def load_tokenizer(self, *_: object, **__: object) -> Any:
            return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer)

    Converter(str(source)).convert(str(made))
    told = json.loads((made / "config.json").read_text("utf-8"))
    told["lang_ids"] = [_FIRST + 2 + at for at in range(_LANGUAGES)]
    (made / "config.json").write_text(json.dumps(told), "utf-8")
    tokenizer.save(str(made / "tokenizer.json"))
    return made


def _model(transformers: Any, size: int) -> Any:
    """Return one with a vocabulary of `size`."""
    transformers.set_seed(7)
    config = transformers.WhisperConfig(
        vocab_size=size, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, bos_token_id=_FIRST, eos_token_id=_FIRST,
        pad_token_id=_FIRST, decoder_start_token_id=_FIRST + 1,
    )  # fmt: skip
    model = transformers.WhisperForConditionalGeneration(config)
    model.generation_config.suppress_tokens = []
    model.generation_config.begin_suppress_tokens = [_FIRST]
    return model


def _languages() -> tuple[str, ...]:
    codes: tuple[str, ...] = importlib.import_module("faster_whisper.tokenizer")._LANGUAGE_CODES
    return codes[:_LANGUAGES]


def _tokenizer(tokenizers: Any) -> Any:
    """Return one that knows each byte, and tokens without any meaning."""
    letters = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    words = [*letters, *(f"x{number}" for number in range(_FIRST - 1 - len(letters))), ""]
    model = tokenizers.models.BPE(vocab={word: number for number, word in enumerate(words)}, merges=[])
    found = tokenizers.Tokenizer(model)
    found.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = tokenizers.decoders.ByteLevel()
    tasks = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")
    found.add_special_tokens([f"<|{name}|>" for name in ("endoftext", "startoftranscript", *_languages(), *tasks)])
    assert json.loads(found.to_str())["added_tokens"][0]["id"] == _FIRST
    return found
