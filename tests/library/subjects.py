"""What the made library is about, and words that stand in one place of it only."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "Thermodynamics": (
        "Energy is never made and never lost",
        "Heat flows from the warm body to the cold one",
        "Entropy grows in every closed system",
        "A heat engine turns a part of the heat into work",
    ),
    "Photosynthesis": (
        "Light becomes sugar in the leaf",
        "Chlorophyll takes red and blue light",
        "Water is split and oxygen leaves the leaf",
        "The Calvin cycle needs no light itself",
    ),
    "The French Revolution": (
        "The Estates General met in Versailles",
        "Bread was the price of a day of work",
        "The third estate called itself the National Assembly",
        "The king could not leave the country",
    ),
    "Linear Algebra": (
        "A matrix maps vectors to vectors",
        "The determinant is the volume of the unit cube",
        "An eigenvector keeps its direction",
        "Every symmetric matrix can be diagonalised",
    ),
    "Économie générale": (
        "Le prix naît de l'offre et de la demande",
        "La création monétaire élève la dette",
        "L'élasticité mesure une réaction",
        "Le marché n'est jamais tout à fait équilibré",
    ),
    "Straßenbau und Verkehr": (
        "Die Straße trägt Verkehr und Wasser ab",
        "Größere Räder überwinden höhere Stöße",
        "Der Bürgersteig gehört den Fußgängern",
        "Über die Brücke führt ein schmaler Weg",
    ),
    "中国古代数学": (
        "勾股定理在周髀算经中出现",
        "九章算术讲的是方程",
        "圆周率的计算从多边形开始",
        "数学家用算筹计算",
    ),
    "日本の近代文学": (
        "夏目漱石は明治の作家である",
        "雪国の冒頭はトンネルから始まる",
        "芥川龍之介は短編を書いた",
        "近代文学は言文一致から生まれた",
    ),
    "Information Theory": (
        "A bit is the answer to a question of two answers",
        "Redundancy protects a message from noise",
        "The entropy of a source bounds its code",
        "A channel has a capacity that no code exceeds",
    ),
    "Введение в химию": (
        "Атом состоит из ядра и электронов",
        "Кислород соединяется с водородом",
        "Периодическая система расставляет элементы",
        "Реакция идёт быстрее при нагревании",
    ),
}
_SYLLABLES = ("ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "wo", "zu")


@dataclass(frozen=True, slots=True)
class Place:
    """A word that stands in one place only."""

    word: str
    page: int | None = None
    at_ms: int | None = None  # when it is said


class Words:
    """Gives words that are in no dictionary, each once."""

    def __init__(self) -> None:
        # Those that follow one another differ in their first syllable, so that no two begin alike for long.
        self._all = ("".join(reversed(one)) + "x" for one in product(_SYLLABLES, repeat=4))

    def next(self) -> str:
        return next(self._all)
