from django.db import migrations
from django.db.models import Case, F, OuterRef, Subquery, Value, When


def catch_up(apps, schema_editor):
    """Pictures made before there was anything to sort them by. Their words follow with the teams."""
    Image = apps.get_model("generations", "Image")
    Generation = apps.get_model("generations", "Generation")
    its = Generation.objects.filter(pk=OuterRef("generation_id"))
    Image.objects.filter(model_id="").update(
        model_id=Subquery(its.values("model_id")),
        quality=Subquery(its.values("quality")),
        shape=Case(
            When(width=0, then=Value("")),
            When(height=0, then=Value("")),
            When(width__gte=F("height"), height__gte=F("width") - F("width") / 50, then=Value("square")),
            When(height__gt=F("width"), width__gte=F("height") - F("height") / 50, then=Value("square")),
            When(width__gt=F("height"), then=Value("landscape")),
            default=Value("portrait"),
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("generations", "0006_sorting")]
    operations = [
        migrations.RunPython(catch_up, migrations.RunPython.noop),
    ]
